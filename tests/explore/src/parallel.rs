//! Work for as many threads as there are processors.

use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Does `work` with every item, each as soon as a thread is free, and tells it the number of that thread.
pub fn each<Item: Sync, Result: Send>(
    items: &[Item],
    work: impl Fn(usize, &Item) -> Result + Sync,
) -> Vec<Result> {
    let next = AtomicUsize::new(0);
    let take = |worker: usize| {
        let mut done = Vec::new();
        while let Some(item) = items.get(next.fetch_add(1, Ordering::Relaxed)) {
            done.push(work(worker, item));
        }
        done
    };
    let workers = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        let take = &take;
        let workers: Vec<_> = (0..workers)
            .map(|worker| scope.spawn(move || take(worker)))
            .collect();
        let done = workers
            .into_iter()
            .map(|worker| worker.join().unwrap_or_else(|panic| resume_unwind(panic)));
        done.flatten().collect()
    })
}
