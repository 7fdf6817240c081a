//! A connection whose client must say what it wants in time: hyper bounds neither headers nor a body that comes byte by byte.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::OwnedSemaphorePermit;

/// How long a client may go on sending before the server has something to say. Longer than a body may take, which is answered.
const LONGEST: Duration = Duration::from_secs(45);

/// Fails to read where the client has been sending too long without an answer. One that is silent is no matter of this.
pub struct Patient<T> {
    inner: T,
    /// When the first byte came since the server last wrote.
    since: Option<Instant>,
    longest: Duration,
    /// Counted among the open connections until it is dropped.
    _place: OwnedSemaphorePermit,
}

impl<T> Patient<T> {
    pub fn new(inner: T, place: OwnedSemaphorePermit) -> Patient<T> {
        Patient { inner, since: None, longest: LONGEST, _place: place }
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Patient<T> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        ready!(Pin::new(&mut self.inner).poll_read(cx, into))?;
        let longest = self.longest;
        if self.since.get_or_insert_with(Instant::now).elapsed() > longest {
            return Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "the request took too long to arrive")));
        }
        Poll::Ready(Ok(()))
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Patient<T> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.since = None;
        Pin::new(&mut self.inner).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.since = None;
        Pin::new(&mut self.inner).poll_write_vectored(cx, bytes)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use std::sync::Arc;

    use tokio::sync::Semaphore;

    use super::*;

    fn place() -> OwnedSemaphorePermit {
        Arc::new(Semaphore::new(1)).try_acquire_owned().unwrap()
    }

    #[tokio::test]
    async fn who_goes_on_sending_is_cut_off_and_who_is_answered_is_not() {
        let (mut client, server) = duplex(64);
        let mut server = Patient { longest: Duration::ZERO, ..Patient::new(server, place()) };
        let mut byte = [0];
        client.write_all(b"a").await.unwrap();
        let cut = server.read(&mut byte).await.unwrap_err();
        assert_eq!(cut.kind(), io::ErrorKind::TimedOut);

        let (mut client, server) = duplex(64);
        let mut server = Patient::new(server, place());
        for _ in 0..3 {
            client.write_all(b"a").await.unwrap();
            assert_eq!(server.read(&mut byte).await.unwrap(), 1);
            assert!(server.since.is_some());
            server.write_all(b"b").await.unwrap();
            assert!(server.since.is_none());
        }
    }
}
