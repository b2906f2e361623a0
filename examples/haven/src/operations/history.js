const HOUR = 3_600_000;

/**
 * Analyses the failures of the past: per service its failures by reason, its outages and the time to recover, and the hour of
 * the day with most failures; and findings in words.
 */
export function analyseFailures(database, { since = Date.now() - 30 * 24 * HOUR } = {}) {
  const all = (sql) => database.prepare(sql).all(since);
  const counts = all(`SELECT breaker AS service, kind, SUM(count) AS number FROM fusewire_events
    WHERE time >= ? AND kind IN ('failure', 'timeout', 'rejection') AND breaker IS NOT NULL GROUP BY breaker, kind`);
  const hours = all(`SELECT breaker AS service, CAST(strftime('%H', time / 1000, 'unixepoch') AS INTEGER) AS hour,
    SUM(count) AS number FROM fusewire_events
    WHERE time >= ? AND kind IN ('failure', 'timeout') AND breaker IS NOT NULL GROUP BY breaker, hour ORDER BY number DESC`);
  const reasons = all(`SELECT breaker AS service, summary, SUM(count) AS number FROM fusewire_events
    WHERE time >= ? AND kind = 'failure' AND breaker IS NOT NULL GROUP BY breaker, summary ORDER BY number DESC`);
  const changes = all(`SELECT breaker AS service, time, details ->> 'to' AS state FROM fusewire_events
    WHERE time >= ? AND kind = 'state-change' ORDER BY id`);
  const names = [...new Set([...counts, ...changes].map(({ service }) => service))].sort();
  const of = (rows, service) => rows.filter((row) => row.service === service);
  const services = Object.fromEntries(
    names.map((service) => {
      const number = (kind) => of(counts, service).find((row) => row.kind === kind)?.number ?? 0;
      const outages = outagesOf(of(changes, service));
      const lengths = outages.filter(({ end }) => end !== null).map(({ start, end }) => end - start);
      const analysis = {
        failures: number('failure'),
        timeouts: number('timeout'),
        rejections: number('rejection'),
        outages: outages.length,
        meanTimeToRecover:
          lengths.length > 0 ? Math.round(lengths.reduce((sum, each) => sum + each, 0) / lengths.length) : null,
        longestOutage: lengths.length > 0 ? Math.max(...lengths) : null,
        worstHour: of(hours, service)[0]?.hour ?? null,
        worstHourShare: shareOfFirst(of(hours, service)),
        commonest: of(reasons, service)[0]?.summary ?? null,
      };
      return [service, analysis];
    }),
  );
  return { since: new Date(since).toISOString(), services, findings: Object.entries(services).flatMap(findingsOf) };
}

/** Returns the outages: from an opening to the next closing. An outage that goes on has no end. */
function outagesOf(changes) {
  const outages = [];
  for (const { state, time } of changes) {
    const last = outages.at(-1);
    const isDown = last !== undefined && last.end === null;
    if (state === 'OPEN' && !isDown) outages.push({ start: time, end: null });
    if (state === 'CLOSED' && isDown) last.end = time;
  }
  return outages;
}

function shareOfFirst(rows) {
  const sum = rows.reduce((all, { number }) => all + number, 0);
  return sum === 0 ? null : rows[0].number / sum;
}

const LEAST = 10;

function findingsOf([service, its]) {
  const failed = its.failures + its.timeouts;
  const findings = [];
  if (failed >= LEAST && its.worstHourShare >= 0.5) {
    const share = Math.round(its.worstHourShare * 100);
    findings.push(
      `${service}: ${share} % of the failures are between ${its.worstHour}:00 and ${its.worstHour + 1}:00 UTC`,
    );
  }
  if (its.outages >= 3)
    findings.push(`${service}: ${its.outages} outages, ${its.meanTimeToRecover} ms each on average`);
  if (failed >= LEAST && its.timeouts > its.failures) {
    findings.push(`${service}: most failures are timeouts; its time limit may be too short`);
  }
  return findings;
}
