//! The line between program and gateway, which can be cut, and on which things take their time.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use bazgasht::ids::{Chance, SeededChance};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// What the line does now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Each piece, there and back, takes up to so many milliseconds.
    Open { slow_ms: u64 },
    /// What is said reaches the gateway; its answers wait until the line is open.
    AnswersWait,
    /// Connections are taken, and nothing passes.
    Deaf,
    /// What was under way when this began waits; what comes now passes.
    OldWaits,
    /// Whatever was connected is cut off, and nobody takes a connection.
    Cut,
}

pub struct Line {
    address: SocketAddr,
    way: watch::Sender<Way>,
}

impl Line {
    pub async fn to(gateway: SocketAddr, seed: u64) -> Line {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (way, watched) = watch::channel(Way::Open { slow_ms: 0 });
        tokio::spawn(serve(Some(listener), address, gateway, watched, Arc::new(SeededChance::new(seed))));
        Line { address, way }
    }

    pub fn base(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn set(&self, way: Way) {
        self.way.send_replace(way);
    }
}

async fn serve(
    mut listener: Option<TcpListener>,
    address: SocketAddr,
    gateway: SocketAddr,
    mut way: watch::Receiver<Way>,
    chance: Arc<SeededChance>,
) {
    loop {
        if *way.borrow_and_update() == Way::Cut {
            drop(listener.take());
            if way.changed().await.is_err() {
                return;
            }
            continue;
        }
        if listener.is_none() {
            listener = Some(TcpListener::bind(address).await.expect("the line's own port"));
        }
        let taken = tokio::select! {
            taken = listener.as_ref().unwrap().accept() => taken,
            changed = way.changed() => match changed {
                Ok(()) => continue,
                Err(_) => return,
            },
        };
        if let Ok((caller, _)) = taken {
            tokio::spawn(connect(caller, gateway, way.clone(), Arc::clone(&chance)));
        }
    }
}

async fn connect(caller: TcpStream, gateway: SocketAddr, way: watch::Receiver<Way>, chance: Arc<SeededChance>) {
    let Ok(server) = TcpStream::connect(gateway).await else { return };
    let ((questions, replies_to), (replies, questions_to)) = (caller.into_split(), server.into_split());
    let is_new = *way.borrow() == Way::OldWaits;
    let open = move |way| matches!(way, Way::Open { .. }) || (is_new && way == Way::OldWaits);
    let there = pass(questions, questions_to, way.clone(), Arc::clone(&chance), move |way| {
        open(way) || way == Way::AnswersWait
    });
    let back = async { drop(pass(replies, replies_to, way.clone(), chance, open).await) };
    let mut cut = way.clone();
    tokio::select! {
        // The gateway is not told that the caller hung up (the question's half stays open as long as this runs): it works on
        // what it was asked, as services do, and does not drop it unread.
        _ = async { tokio::join!(there, back) } => {}
        _ = cut.wait_for(|way| *way == Way::Cut) => {}
    }
}

async fn pass(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut way: watch::Receiver<Way>,
    chance: Arc<SeededChance>,
    passes: impl Fn(Way) -> bool,
) -> OwnedWriteHalf {
    let mut piece = vec![0; 16 << 10];
    while let Ok(count @ 1..) = from.read(&mut piece).await {
        let Ok(now) = way.wait_for(|way| passes(*way)).await.map(|now| *now) else { break };
        if let Way::Open { slow_ms: slow @ 1.. } = now {
            tokio::time::sleep(Duration::from_millis(chance.next_u64() % (slow + 1))).await;
        }
        if to.write_all(&piece[..count]).await.is_err() {
            break;
        }
    }
    to
}
