//! Parallel work on all processors.

use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Runs `work` on every item, with the number of the thread that runs it. Each item starts as soon as a thread is
/// free.
pub fn each<Item: Sync, Result: Send>(
    items: &[Item],
    work: impl Fn(usize, &Item) -> Result + Sync,
) -> Vec<Result> {
    let next = AtomicUsize::new(0);
    let take = |worker: usize| {
        let mut results = Vec::new();
        while let Some(item) = items.get(next.fetch_add(1, Ordering::Relaxed)) {
            results.push(work(worker, item));
        }
        results
    };
    let workers = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        let take = &take;
        let workers: Vec<_> = (0..workers)
            .map(|worker| scope.spawn(move || take(worker)))
            .collect();
        let results = workers
            .into_iter()
            .map(|worker| worker.join().unwrap_or_else(|panic| resume_unwind(panic)));
        results.flatten().collect()
    })
}
