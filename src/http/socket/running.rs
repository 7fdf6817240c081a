//! The operations under way on one connection, and what they send.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::mpsc::{OwnedPermit, Sender};
use tokio::task::AbortHandle;
use tokio_tungstenite::tungstenite::Message;

use super::close::Close;
use super::message;
use crate::graphql::Answer;
use crate::http::hub::Place;
use crate::meter::{Meter, Open, Transport};

/// Cheap to clone.
#[derive(Clone)]
pub struct Running {
    operations: Arc<Mutex<Operations>>,
    outgoing: Sender<Message>,
    closing: Sender<Close>,
    meter: Meter,
}

#[derive(Default)]
struct Operations {
    next: u64,
    by_id: HashMap<String, Entry>,
}

struct Entry {
    serial: u64,
    task: Option<AbortHandle>,
    _place: Place,
    _open: Open,
}

impl Running {
    pub fn new(outgoing: Sender<Message>, closing: Sender<Close>, meter: &Meter) -> Running {
        Running { operations: Arc::default(), outgoing, closing, meter: meter.clone() }
    }

    pub fn has(&self, id: &str) -> bool {
        self.lock().by_id.contains_key(id)
    }

    pub fn count(&self) -> usize {
        self.lock().by_id.len()
    }

    /// Takes the id until the operation ends.
    pub fn begin(&self, id: String, place: Place) -> Operation {
        let mut operations = self.lock();
        let serial = operations.next;
        operations.next += 1;
        let _open = self.meter.stream(Transport::WebSocket);
        operations.by_id.insert(id.clone(), Entry { serial, task: None, _place: place, _open });
        Operation { running: self.clone(), id, serial }
    }

    /// The client wants no more of it.
    pub fn stop(&self, id: &str) {
        if let Some(task) = self.lock().by_id.remove(id).and_then(|entry| entry.task) {
            task.abort();
        }
    }

    pub fn stop_all(&self) {
        for (_, entry) in self.lock().by_id.drain() {
            if let Some(task) = entry.task {
                task.abort();
            }
        }
    }

    /// Sends what belongs to no operation under way. `false`: nobody reads any more.
    pub async fn send(&self, text: String) -> bool {
        self.outgoing.send(Message::text(text)).await.is_ok()
    }

    pub async fn ping(&self) {
        // One that finds no room is one of many signs of life on their way.
        let _ = self.outgoing.try_send(Message::Ping(Default::default()));
    }

    fn lock(&self) -> MutexGuard<'_, Operations> {
        self.operations.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One operation, as long as the client wants it.
pub struct Operation {
    running: Running,
    id: String,
    serial: u64,
}

impl Operation {
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The task that runs it, to be stopped when the client wants no more of it.
    pub fn runs_in(&self, task: AbortHandle) {
        if let Some(entry) = self.running.lock().by_id.get_mut(&self.id).filter(|entry| entry.serial == self.serial) {
            entry.task = Some(task);
        }
    }

    /// Waits for room for one message; none where nobody reads any more.
    pub async fn room(&self) -> Option<OwnedPermit<Message>> {
        self.running.outgoing.clone().reserve_owned().await.ok()
    }

    /// Sends a result, if the client still wants it.
    pub fn next(&self, room: OwnedPermit<Message>, answer: &Answer) {
        let operations = self.running.lock();
        if operations.by_id.get(&self.id).is_some_and(|entry| entry.serial == self.serial) {
            room.send(Message::text(message::next(&self.id, answer)));
            self.running.meter.event(Transport::WebSocket);
        }
    }

    /// Ends it with a last message, if the client still wants it. Its id is free when the client reads that.
    pub fn end(&self, room: OwnedPermit<Message>, last: String) {
        let mut operations = self.running.lock();
        if operations.by_id.get(&self.id).is_some_and(|entry| entry.serial == self.serial) {
            operations.by_id.remove(&self.id);
            room.send(Message::text(last));
        }
    }

    /// Closes the whole connection.
    pub fn close(&self, close: Close) {
        // Another reason may have come before.
        let _ = self.running.closing.try_send(close);
    }
}
