//! The line between program and gateway, which can be cut, and on which things take their time.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
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
    asked: Arc<AtomicUsize>,
}

impl Line {
    pub async fn to(gateway: SocketAddr, seed: u64) -> Line {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (way, watched) = watch::channel(Way::Open { slow_ms: 0 });
        let asked = Arc::new(AtomicUsize::new(0));
        let ends = Ends { gateway, asked: Arc::clone(&asked), chance: Arc::new(SeededChance::new(seed)) };
        tokio::spawn(serve(Some(listener), address, ends, watched));
        Line { address, way, asked }
    }

    pub fn base(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Pieces that were said to the gateway, whether they have reached it or not.
    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    pub fn set(&self, way: Way) {
        self.way.send_replace(way);
    }
}

#[derive(Clone)]
struct Ends {
    gateway: SocketAddr,
    asked: Arc<AtomicUsize>,
    chance: Arc<SeededChance>,
}

async fn serve(mut listener: Option<TcpListener>, address: SocketAddr, ends: Ends, mut way: watch::Receiver<Way>) {
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
            tokio::spawn(connect(caller, ends.clone(), way.clone()));
        }
    }
}

async fn connect(caller: TcpStream, ends: Ends, way: watch::Receiver<Way>) {
    let Ends { gateway, asked, chance } = ends;
    let Ok(server) = TcpStream::connect(gateway).await else { return };
    let ((questions, replies_to), (replies, questions_to)) = (caller.into_split(), server.into_split());
    let is_new = *way.borrow() == Way::OldWaits;
    let open = move |way| matches!(way, Way::Open { .. }) || (is_new && way == Way::OldWaits);
    let count = || {
        asked.fetch_add(1, Ordering::SeqCst);
    };
    let passes = move |way| open(way) || way == Way::AnswersWait;
    let there = pass(questions, questions_to, way.clone(), Arc::clone(&chance), count, passes);
    let back = async { drop(pass(replies, replies_to, way.clone(), chance, || (), open).await) };
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
    heard: impl Fn(),
    passes: impl Fn(Way) -> bool,
) -> OwnedWriteHalf {
    let mut piece = vec![0; 16 << 10];
    while let Ok(count @ 1..) = from.read(&mut piece).await {
        heard();
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
