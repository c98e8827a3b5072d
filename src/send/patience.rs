//! Writing down what will not be said twice, such as a gateway's answer, on a disk that may be full for a moment.

use std::time::Duration;

use anyhow::Result;

use crate::store::{SqlWorld, StoreError, Writer};

/// Between the first two tries; doubled each time.
const FIRST: Duration = Duration::from_millis(50);
/// No pause is longer: some twelve seconds in all.
const LONGEST: Duration = Duration::from_secs(10);

/// Tries jobs as `job` makes them until one is stored.
///
/// # Errors
/// The last one's, when it has taken too long.
pub async fn keep_writing<T, J>(writer: &Writer, what: &str, mut job: impl FnMut() -> J) -> Result<T, StoreError>
where
    T: Send + 'static,
    J: FnOnce(&mut SqlWorld<'_>) -> Result<T> + Send + 'static,
{
    let mut pause = FIRST;
    loop {
        match writer.run(job()).await {
            Err(problem) if pause < LONGEST => {
                tracing::error!(error = %problem, "{what} cannot be written down yet");
                tokio::time::sleep(pause).await;
                pause *= 2;
            }
            done => return done,
        }
    }
}
