//! Live mode: an instance that follows real time.
//!
//! First the certified time becomes now; then a task moves the time on by what has passed, runs a round, and makes the HTTP
//! outcalls that wait. In: start and stop. Out: progress until stopped. The task ends with its instance.

use crate::app::App;
use crate::body::{Body, arguments};
use crate::instances::delay;
use crate::outcall_client;
use crate::reply::{self, Refusal};
use crate::slots::{Cost, Hosted};
use axum::extract::{Path, State};
use axum::response::Response;
use chainkey_execution::ids::Time;
use pocket_ic::common::rest::AutoProgressConfig;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// The shortest pause between rounds.
const MIN_PAUSE: Duration = Duration::from_millis(100);

/// The task of a live instance.
pub struct Progress {
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

/// `POST auto_progress`: answers when the certified time is now.
pub async fn begin(
    State(app): State<App>,
    Path(id): Path<String>,
    body: Body,
) -> Result<Response, Refusal> {
    let config: Option<AutoProgressConfig> = arguments(&body.0)?;
    let pause = config.as_ref().map(delay).unwrap_or_default();
    start(&app.0.slots.get(&id)?, pause).await?;
    Ok(reply::ok(&()))
}

/// `GET auto_progress`: whether the instance is live.
pub async fn enabled(State(app): State<App>, Path(id): Path<String>) -> Result<Response, Refusal> {
    let hosted = app.0.slots.get(&id)?;
    let progress = hosted.progress.lock().await;
    Ok(reply::ok(&progress.is_some()))
}

/// `POST stop_progress`: answers when the last round is done.
pub async fn end(State(app): State<App>, Path(id): Path<String>) -> Result<Response, Refusal> {
    stop(&*app.0.slots.get(&id)?).await;
    Ok(reply::ok(&()))
}

/// Makes an instance live.
pub async fn start(hosted: &Arc<Hosted>, pause: Duration) -> Result<(), Refusal> {
    let mut progress = hosted.progress.lock().await;
    if progress.is_some() {
        return Err(Refusal::Unreadable(
            "Auto progress mode has already been enabled.".into(),
        ));
    }
    hosted
        .run(Cost::Short, |instance| {
            let now = real_time().max(instance.time());
            Ok(instance.set_certified_time(now)?)
        })
        .await?;
    let (stop, stopped) = oneshot::channel();
    let task = tokio::spawn(drive(Arc::downgrade(hosted), pause.max(MIN_PAUSE), stopped));
    *progress = Some(Progress { stop, task });
    Ok(())
}

/// Ends live mode, if it is on.
pub async fn stop(hosted: &Hosted) {
    let progress = hosted.progress.lock().await.take();
    if let Some(Progress { stop, task }) = progress {
        let _ = stop.send(());
        let _ = task.await;
    }
}

fn real_time() -> Time {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Time(since.as_nanos() as u64)
}

/// The task of live mode.
async fn drive(
    hosted: std::sync::Weak<Hosted>,
    pause: Duration,
    mut stopped: oneshot::Receiver<()>,
) {
    let mut last = Instant::now();
    let mut outcalls = outcall_client::Outcalls::default();
    loop {
        let Some(hosted) = hosted.upgrade() else {
            return;
        };
        let elapsed = last.elapsed();
        last = Instant::now();
        let nanoseconds = elapsed.as_nanos() as u64;
        let round = move |instance: &mut chainkey_instance::Instance| {
            instance.advance(nanoseconds);
            Ok(instance.pending_outcalls())
        };
        match hosted.run(Cost::Long, round).await {
            Ok(pending) => outcalls.make(&hosted, pending),
            Err(_) => return,
        }
        drop(hosted);
        tokio::select! {
            _ = &mut stopped => return,
            () = tokio::time::sleep(pause) => {}
        }
    }
}
