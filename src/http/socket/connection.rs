//! One connection, from its initialisation to its end.

use std::time::Duration;

use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use poem::Upgraded;
use serde_json::{Map, Value};
use tokio::sync::mpsc::{self, Receiver};
use tokio::time::{Instant, interval_at, sleep_until, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::{self, Message};

use super::close::Close;
use super::message::{self, FromClient};
use super::operation::{self, ENDED};
use super::running::Running;
use crate::access::Caller;
use crate::account;
use crate::error::Error;
use crate::feed::Badge;
use crate::graphql::{Api, Call};
use crate::http::hub::{Hub, Place};
use crate::http::identity;
use crate::http::refusal::Refusal;
use crate::meter::Transport;

/// Messages that may wait for a slow reader; then nothing is executed for him.
const QUEUE: usize = 16;

/// How long one message may take to be written.
const WRITE: Duration = Duration::from_secs(30);

/// How long a client may take to answer a close.
const FAREWELL: Duration = Duration::from_secs(2);

pub type Socket = WebSocketStream<Upgraded>;

pub struct Connection {
    pub api: Api,
    pub hub: Hub,
    /// Who asked for the upgrade.
    pub caller: Caller,
    /// A page of another site asked for it.
    pub foreign: bool,
    /// The upgrade's header had a token that nobody has.
    pub refused: bool,
    /// Counted until the caller is known better.
    pub place: Option<Place>,
}

/// What the client said, once it has initialised the connection.
struct Session {
    caller: Caller,
    badge: Badge,
    _place: Place,
}

impl Connection {
    pub async fn serve(self, socket: Socket) {
        let _open = self.hub.meter().connection(Transport::WebSocket);
        let (mut sink, mut incoming) = socket.split();
        let (outgoing, mut queue) = mpsc::channel(QUEUE);
        let (closing, closed) = mpsc::channel(1);
        let running = Running::new(outgoing, closing, self.hub.meter());
        let close = tokio::select! {
            close = self.listen(&mut incoming, &running, closed) => close,
            () = write(&mut sink, &mut queue) => Close::Gone,
        };
        running.stop_all();
        if close == Close::ByClient {
            let _ = timeout(FAREWELL, sink.close()).await;
        }
        if let Some(frame) = close.frame() {
            // Not its reason, in which there may be the client's words.
            tracing::debug!(code = u16::from(frame.code), "closing a WebSocket");
            let farewell = async {
                if sink.send(Message::Close(Some(frame))).await.is_ok() {
                    while let Some(Ok(_)) = incoming.next().await {}
                }
            };
            let _ = timeout(FAREWELL, farewell).await;
        }
    }

    /// Listens until the connection is to be closed.
    async fn listen(
        mut self,
        incoming: &mut SplitStream<Socket>,
        running: &Running,
        mut closed: Receiver<Close>,
    ) -> Close {
        let every = self.hub.keep_alive();
        let mut alive = interval_at(Instant::now() + every, every);
        let init_until = Instant::now() + Duration::from_millis(self.hub.settings().socket_init_ms);
        let mut heard = Instant::now();
        let mut session: Option<Session> = None;
        loop {
            let heard_now = tokio::select! {
                message = incoming.next() => message,
                Some(close) = closed.recv() => return close,
                () = self.hub.stopping() => return Close::ServerStops,
                () = sleep_until(init_until), if session.is_none() => return Close::InitTimeout,
                () = ended(&session) => return ENDED,
                _ = alive.tick() => {
                    if heard.elapsed() > every * 2 {
                        return Close::Gone;
                    }
                    running.ping().await;
                    continue;
                }
            };
            heard = Instant::now();
            let text = match heard_now {
                Some(Ok(Message::Text(text))) => text,
                Some(Ok(Message::Binary(_))) => return Close::Invalid("messages are text".into()),
                // Pings are answered by the library.
                Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => continue,
                Some(Ok(Message::Close(_))) => return Close::ByClient,
                None => return Close::Gone,
                Some(Err(error)) => return broken(&error),
            };
            if let Err(close) = self.hear(text.as_str(), &mut session, running).await {
                return close;
            }
        }
    }

    async fn hear(&mut self, text: &str, session: &mut Option<Session>, running: &Running) -> Result<(), Close> {
        match FromClient::parse(text)? {
            FromClient::Init(_) if session.is_some() => return Err(Close::InitTwice),
            FromClient::Init(payload) => {
                *session = Some(self.init(payload).await?);
                self.place = None;
                running.send(message::ack()).await;
            }
            FromClient::Ping(payload) => {
                running.send(message::pong(payload)).await;
            }
            FromClient::Pong => {}
            FromClient::Subscribe { id, call } => {
                let Some(session) = session else { return Err(Close::NotInitialised) };
                if running.has(&id) {
                    return Err(Close::Duplicate(id));
                }
                self.subscribe(id, *call, session, running).await;
            }
            FromClient::Complete { id } => running.stop(&id),
        }
        Ok(())
    }

    /// Who it is: by the payload's token, else by the upgrade's header.
    async fn init(&self, payload: Option<Map<String, Value>>) -> Result<Session, Close> {
        let forbidden = Close::Forbidden("Forbidden");
        let secret = identity::of_payload(payload.as_ref()).map_err(|_| forbidden.clone())?;
        let mut caller = self.caller.clone();
        match secret {
            Some(secret) => {
                caller.viewer = account::viewer_of(self.api.app(), secret).await.map_err(|error| match error {
                    Error::Unauthenticated => forbidden,
                    error => {
                        tracing::error!(%error, "cannot look a token up");
                        Close::Internal
                    }
                })?;
            }
            // A page of another site speaks for itself alone: not for whoever sits where its visitor sits.
            None if self.foreign || self.refused => return Err(forbidden),
            None => {}
        }
        let place = self.hub.place(&caller).ok_or(Close::TooMany)?;
        Ok(Session { badge: self.hub.keep(caller.viewer), caller, _place: place })
    }

    async fn subscribe(&self, id: String, call: Call, session: &Session, running: &Running) {
        let most = self.hub.settings().max_streams_per_connection as usize;
        let place = self.hub.place(&session.caller).filter(|_| running.count() < most);
        let Some(place) = place else {
            let refusal = Refusal::too_many_streams().counted(self.hub.meter());
            running.send(message::error(&id, &refusal.answer(session.caller.language))).await;
            return;
        };
        match self.api.prepare_for(&session.caller, call) {
            Ok(prepared) => {
                let operation = running.begin(id, place);
                operation::run(self.api.clone(), session.caller.clone(), prepared, operation).await;
            }
            Err(answer) => {
                running.send(message::error(&id, &answer)).await;
            }
        }
    }
}

async fn ended(session: &Option<Session>) {
    match session {
        Some(session) => session.badge.ended().await,
        None => std::future::pending().await,
    }
}

/// Writes what waits until it cannot be written in time, or nobody reads.
async fn write(sink: &mut SplitSink<Socket, Message>, queue: &mut Receiver<Message>) {
    while let Some(message) = queue.recv().await {
        if !matches!(timeout(WRITE, sink.send(message)).await, Ok(Ok(()))) {
            return;
        }
    }
}

fn broken(error: &tungstenite::Error) -> Close {
    match error {
        tungstenite::Error::Capacity(_) => Close::TooBig,
        tungstenite::Error::Utf8(_) => Close::NotUtf8,
        tungstenite::Error::Protocol(tungstenite::error::ProtocolError::ResetWithoutClosingHandshake) => Close::Gone,
        tungstenite::Error::Protocol(_) => Close::ProtocolError,
        _ => Close::Gone,
    }
}
