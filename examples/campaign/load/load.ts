import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { CampaignState } from '../lib/campaigns/campaign.ts';
import { startProgram } from '../lib/program.ts';
import type { Program } from '../lib/program.ts';
import { readSettings } from '../lib/settings.ts';
import { startUpstreams } from '../upstreams/process.ts';
import type { Report, Upstreams } from '../upstreams/process.ts';
import type { Service } from '../upstreams/services.ts';
import { measureOverhead, Outages, percentile, until } from './measurements.ts';

/** Part of the load: all its campaigns run at once, and some dependencies are away meanwhile. */
interface Phase {
  readonly title: string;
  readonly database?: true;
  readonly services?: readonly Service[];
  /** Breakers that must open. */
  readonly breakers: readonly string[];
}

const PHASES: readonly Phase[] = [
  { title: 'everything works', breakers: [] },
  { title: 'the database is away', database: true, breakers: ['database'] },
  { title: 'n8n is away, in both regions', services: ['n8n', 'n8n2'], breakers: ['n8n', 'n8n-second-region'] },
  {
    title: 'Apollo, Unipile, ReachInbox and LinkedIn are away',
    services: ['apollo', 'unipile', 'reachinbox', 'linkedin'],
    breakers: ['apollo', 'unipile', 'reachinbox', 'linkedin'],
  },
  { title: 'everything works again', breakers: [] },
];

/** Figures of a run. Times are milliseconds. */
export interface Figures {
  readonly submitted: number;
  readonly doneAtOnce: number;
  readonly queuedAndDone: number;
  /** Campaigns, e-mails, invitations and workflows that are missing. */
  readonly lost: number;
  /** Credits, e-mails, invitations and workflows that are too many. */
  readonly twice: number;
  /** Requests that were sent again, and that the keys have absorbed. */
  readonly repeats: number;
  /** Commits whose answer was lost, and that were not run again. */
  readonly lostCommits: number;
  readonly overhead: { readonly p50: number; readonly p99: number; readonly calls: number };
  readonly answer: { readonly p50: number; readonly p95: number; readonly p99: number };
  readonly perMinute: number;
  readonly openings: number;
  readonly falseOpenings: readonly string[];
  /** Share of the calls. */
  readonly falseOpeningRate: number;
  /** Time from the return of a dependency to its closed circuit, by breaker. */
  readonly recovery: Readonly<Record<string, number>>;
}

/** Options of a run. */
export interface LoadOptions {
  /** Campaigns of each phase, all at once. */
  readonly campaigns: number;
  readonly print?: (line: string) => void;
}

const quiet = { info() {}, warn() {} };

/** Runs the load: outages of the database, n8n and the services, each while many campaigns run. */
export async function runLoad({ campaigns: count, print = () => undefined }: LoadOptions): Promise<Figures> {
  const folder = mkdtempSync(path.join(tmpdir(), 'campaign-load-'));
  const upstreams = await startUpstreams();
  // The numbers of the document for production, and no limit of submissions.
  const settings = readSettings({
    ...upstreams.variables,
    ADMIN_TOKEN: 'admin-token',
    CAMPAIGNS_PER_SECOND: '1000000',
    SPOOL: path.join(folder, 'spool.db'),
  });
  const program = await startProgram(settings, quiet);
  try {
    await program.database.query(`DELETE FROM campaigns; UPDATE accounts SET credits = 1000000;`);
    return await new Load(program, upstreams, count, print).run();
  } finally {
    await program.close();
    await upstreams.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

class Load {
  readonly #program: Program;
  readonly #upstreams: Upstreams;
  readonly #count: number;
  readonly #print: (line: string) => void;
  readonly #outages: Outages;
  readonly #times: number[] = [];
  readonly #states: CampaignState[] = [];
  readonly #recovery: Record<string, number> = {};
  #busy = 0;

  constructor(program: Program, upstreams: Upstreams, count: number, print: (line: string) => void) {
    this.#program = program;
    this.#upstreams = upstreams;
    this.#count = count;
    this.#print = print;
    this.#outages = new Outages(program.breakers.values());
  }

  async run(): Promise<Figures> {
    // Warms up connections and code, as a server is when a load meets it.
    await Promise.all(Array.from({ length: 50 }, (_, index) => this.#submit(`warm-up-${index}`)));
    this.#times.length = this.#states.length;
    const first = this.#times.length;
    const measured = measureOverhead();
    try {
      for (const [index, phase] of PHASES.entries()) await this.#run(phase, index);
    } finally {
      measured.stop();
    }
    await this.#finish();
    this.#times.splice(0, first);
    return this.#figures(measured.overheads, await this.#upstreams.report());
  }

  /** Submits all campaigns of a phase at once. The outage begins when the first of them have been answered. */
  async #run(phase: Phase, index: number): Promise<void> {
    const start = performance.now();
    const before = this.#states.length;
    const all = Array.from({ length: this.#count }, (_, campaign) => this.#submit(`${index}-${campaign}`));
    this.#outages.begin(phase.breakers);
    if (phase.database === true) {
      // One commit loses its answer, then the server is away.
      await this.#upstreams.database('lose-commit');
      await Promise.race(all);
      await this.#upstreams.database('outage');
    }
    for (const service of phase.services ?? []) await this.#upstreams.behave(service, 'outage');
    await Promise.all(all);
    const times = this.#times.slice(before);
    this.#busy += performance.now() - start;
    const isOpen = (name: string) => this.#program.breakers.get(name)?.state !== 'CLOSED';
    let more = 0;
    await until('the circuits of the phase open', async () => {
      if (phase.breakers.every(isOpen)) return true;
      await Promise.all(Array.from({ length: 5 }, () => this.#submit(`${index}-more-${more++}`)));
      return false;
    });
    await this.#recover(phase, index);
    const answers = this.#states.slice(before);
    const queued = answers.filter(({ status }) => status === 'queued').length;
    const p95 = Math.round(percentile(times, 0.95));
    this.#print(
      `${phase.title}: ${answers.length} campaigns, ${answers.length - queued} done at once, ${queued} queued, p95 ${p95} ms`,
    );
  }

  /** Ends the outages of a phase, and measures how long the circuits take to close while a few campaigns come. */
  async #recover({ database, services = [], breakers, title }: Phase, index: number): Promise<void> {
    if (database === true) await this.#upstreams.database('up');
    for (const service of services) await this.#upstreams.behave(service, 'up');
    const start = performance.now();
    let more = 0;
    await until(`the circuits close after: ${title}`, async () => {
      for (const name of breakers) {
        if (this.#program.breakers.get(name)?.state === 'CLOSED') this.#recovery[name] ??= performance.now() - start;
      }
      if (breakers.every((name) => this.#recovery[name] !== undefined)) return true;
      void this.#submit(`${index}-later-${more++}`);
      return false;
    });
    this.#outages.end(breakers);
  }

  async #submit(id: string): Promise<void> {
    const start = performance.now();
    const campaign = { id, account: 'demo', audience: `audience-${id.length}-${id.slice(-1)}`, message: 'Hello' };
    const state = await this.#program.campaigns.submit(campaign);
    this.#times.push(performance.now() - start);
    this.#states.push(state);
  }

  /** Waits until the queues are empty. A person sends what waits for a review. */
  async #finish(): Promise<void> {
    const { database, reviews } = this.#program;
    const start = performance.now();
    await until(
      'all campaigns are done',
      async () => {
        for (const { key } of await reviews.waiting(50)) await reviews.decide(key, 'sent', 'load');
        const { rows } = await database.query(
          'SELECT count(*)::int AS number FROM campaigns WHERE done_at IS NOT NULL',
        );
        return rows[0].number >= this.#states.length;
      },
      180_000,
    );
    this.#print(`the queues were empty ${((performance.now() - start) / 1_000).toFixed(1)} s later`);
  }

  async #figures(overheads: readonly number[], report: Report): Promise<Figures> {
    const ids = this.#states.map(({ id }) => id);
    const { rows } = await this.#program.database.query(
      `SELECT (SELECT count(*)::int FROM campaigns WHERE done_at IS NOT NULL AND error IS NULL) AS done,
        (SELECT 1000000 - credits::int FROM accounts WHERE id = 'demo') AS paid`,
    );
    const { done, paid } = rows[0] as { done: number; paid: number };
    const kinds = { email: report.emails, invitation: report.invitations, workflow: report.workflows };
    const missing = Object.entries(kinds).flatMap(([step, keys]) => {
      const had = new Set(keys);
      return ids.filter((id) => !had.has(`${id}:${step}`));
    });
    const tooMany = Object.values(kinds).reduce((sum, keys) => sum + Math.max(0, keys.length - ids.length), 0);
    const doneAtOnce = this.#states.filter(({ status }) => status === 'done').length;
    const calls = [...this.#program.breakers.values()].reduce((sum, each) => sum + each.getStats().totalRequests, 0);
    const { falseOpenings, openings } = this.#outages;
    return {
      submitted: ids.length,
      doneAtOnce,
      queuedAndDone: this.#states.filter(({ status }) => status === 'queued').length,
      lost: ids.length - done + missing.length,
      twice: paid - ids.length + tooMany,
      repeats: report.repeats,
      lostCommits: report.lostCommits,
      overhead: { p50: percentile(overheads, 0.5), p99: percentile(overheads, 0.99), calls: overheads.length },
      answer: {
        p50: percentile(this.#times, 0.5),
        p95: percentile(this.#times, 0.95),
        p99: percentile(this.#times, 0.99),
      },
      perMinute: Math.round((PHASES.length * this.#count * 60_000) / this.#busy),
      openings,
      falseOpenings,
      falseOpeningRate: falseOpenings.length / calls,
      recovery: this.#recovery,
    };
  }
}
