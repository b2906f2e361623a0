import type { DatabaseTransactionManager } from '../database-transaction.ts';
import { isAnswer } from '../database/database.ts';
import { Batches } from './batches.ts';
import { STEPS } from './campaign.ts';
import type { Campaign, Step } from './campaign.ts';

/** Campaign to accept, and whether the spool takes it if the database is away. */
interface Acceptance {
  readonly campaign: Campaign;
  readonly mayBeSpooled: boolean;
}

/** Steps that wait; `'spooled'` if the campaign is in the spool; `'refused'` if it has no account. */
export type Accepted = readonly Step[] | 'spooled' | 'refused';

/** Row of a campaign. */
interface CampaignRow {
  readonly id: string;
  readonly waiting: readonly Step[];
}

/** Table of the campaigns. Many campaigns at once are few statements. */
export class CampaignTable {
  readonly #transactions: DatabaseTransactionManager;
  readonly #spool: (campaigns: readonly Campaign[]) => Promise<unknown>;
  readonly #acceptances: Batches<Acceptance, Accepted>;
  readonly #settlements: Batches<{ readonly id: string; readonly steps: readonly Step[] }, readonly Step[]>;

  constructor(transactions: DatabaseTransactionManager, spool: (campaigns: readonly Campaign[]) => Promise<unknown>) {
    this.#transactions = transactions;
    this.#spool = spool;
    this.#acceptances = new Batches({ run: (items) => this.#acceptAll(items), isOfOneItem });
    this.#settlements = new Batches({ run: (items) => this.#settleAll(items), isOfOneItem });
  }

  /** Stores a campaign and takes one credit of its account: both or neither, and once. */
  accept(campaign: Campaign, mayBeSpooled: boolean): Promise<Accepted> {
    return this.#acceptances.add({ campaign, mayBeSpooled });
  }

  /** Records that steps are done, however often it is called. Resolves with the steps that still wait. */
  settle(id: string, steps: readonly Step[]): Promise<readonly Step[]> {
    return this.#settlements.add({ id, steps });
  }

  /** Records that a campaign will never be done. */
  async fail(id: string, reason: string): Promise<void> {
    await this.#transactions.run({ text: 'UPDATE campaigns SET error = $2 WHERE id = $1', values: [id, reason] });
  }

  /** Returns the row of a campaign: the last known one if the database is away, or else one without steps. */
  async find(id: string): Promise<{ readonly waiting: Step[] | null; readonly error: string | null } | undefined> {
    const [row] = await this.#transactions.read<{ waiting: Step[] | null; error: string | null }>(
      { text: 'SELECT waiting, error FROM campaigns WHERE id = $1', values: [id] },
      { key: `campaign:${id}`, degraded: () => [{ waiting: null, error: null }] },
    );
    return row;
  }

  async #acceptAll(items: readonly Acceptance[]): Promise<readonly Accepted[]> {
    const campaigns = items.map(({ campaign }) => campaign);
    const mayBeSpooled = items.every((item) => item.mayBeSpooled);
    const rows = await this.#transactions.atomic(
      async (connection) => {
        const rows = campaigns.map(({ id, account, ...campaign }) => ({ id, account, campaign }));
        await connection.query({ text: INSERT, values: [JSON.stringify(rows), STEPS] });
        const found = await connection.query({ text: SELECT, values: [campaigns.map(({ id }) => id)] });
        return found.rows as CampaignRow[];
      },
      mayBeSpooled ? () => this.#spool(campaigns).then(() => null) : undefined,
    );
    if (rows === null) return campaigns.map(() => 'spooled');
    const waiting = new Map(rows.map((row) => [row.id, row.waiting]));
    return campaigns.map(({ id }) => waiting.get(id) ?? 'refused');
  }

  async #settleAll(items: readonly { readonly id: string; readonly steps: readonly Step[] }[]) {
    const done = items.flatMap(({ id, steps }) => steps.map((step) => ({ id, step })));
    const { rows } = await this.#transactions.run({ text: SETTLE, values: [JSON.stringify(done)] });
    const waiting = new Map((rows as CampaignRow[]).map((row) => [row.id, row.waiting]));
    return items.map(({ id }) => waiting.get(id) ?? []);
  }
}

const INSERT = `
  WITH added AS (
    INSERT INTO campaigns (id, account, campaign, waiting)
    SELECT DISTINCT ON (asked.id) asked.id, accounts.id, asked.campaign, $2::text[]
    FROM jsonb_to_recordset($1) AS asked (id text, account text, campaign jsonb) JOIN accounts ON accounts.id = asked.account
    ON CONFLICT (id) DO NOTHING RETURNING account
  )
  UPDATE accounts SET credits = credits - used.number
  FROM (SELECT account, count(*) AS number FROM added GROUP BY account) AS used WHERE accounts.id = used.account`;

const SELECT = 'SELECT id, waiting FROM campaigns WHERE id = ANY ($1)';

const SETTLE = `
  UPDATE campaigns SET
    waiting = ARRAY(SELECT step FROM unnest(waiting) AS step WHERE step <> ALL (done.steps)),
    done_at = CASE WHEN waiting <@ done.steps THEN coalesce(done_at, now()) END
  FROM (SELECT id, array_agg(step) AS steps FROM jsonb_to_recordset($1) AS each (id text, step text) GROUP BY id) AS done
  WHERE campaigns.id = done.id RETURNING campaigns.id, campaigns.waiting`;

/** Whether one campaign can be the reason that a batch failed: the database has answered, such as with a broken constraint. */
function isOfOneItem(error: unknown): boolean {
  return isAnswer(error);
}
