// Writes how many tests of a `node --test` run passed and failed, as JSON.

export default async function* totals(events) {
  for await (const { type, data } of events) {
    // The summary without a file is that of the whole run.
    if (type === 'test:summary' && data.file === undefined) {
      const { passed, failed, cancelled } = data.counts;
      yield JSON.stringify({ passed, failed: failed + cancelled });
    }
  }
}
