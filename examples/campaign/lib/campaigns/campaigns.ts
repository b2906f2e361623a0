import { rateLimit } from 'fusewire';
import type { Consumer, Queue, QueueMessage } from 'fusewire/queue';
import type { DatabaseTransactionManager } from '../database-transaction.ts';
import { isAnswer } from '../database/database.ts';
import type { ExternalServices, Outgoing } from '../external-service-circuit-breakers.ts';
import { N8NClientError } from '../n8n-client.ts';
import type { N8NClient, WorkflowStart } from '../n8n-client.ts';
import type { Campaign, CampaignState, Step } from './campaign.ts';
import { CONSUMER } from './consumers.ts';
import { CampaignTable } from './campaign-table.ts';

/** Topic of the campaigns in the spool. */
const TOPIC = 'campaigns';

/** Parts that campaigns need. */
export interface CampaignsOptions {
  readonly transactions: DatabaseTransactionManager;
  readonly services: ExternalServices;
  readonly n8n: N8NClient;
  /** Queue on the disk of this machine, for campaigns that the database cannot take now. */
  readonly spool: Queue<Campaign>;
  readonly perSecond: number;
}

/** Campaign whose steps could not all be done or queued. It runs again from the spool. */
class UnfinishedError extends Error {
  override readonly name = 'UnfinishedError';
}

/**
 * Runs campaigns. Each one that was accepted ends done: now, or later from a queue. A step that is done is recorded, and its
 * service knows its key, so that a campaign may run again from any point.
 */
export class Campaigns {
  /** Limit of submissions. */
  readonly limit;
  readonly #parts: CampaignsOptions;
  readonly #table: CampaignTable;
  readonly #spooled: Consumer;

  constructor(parts: CampaignsOptions) {
    this.#parts = parts;
    this.#table = new CampaignTable(parts.transactions, (campaigns) =>
      parts.spool.enqueueAll(campaigns.map(messageOf)),
    );
    this.limit = rateLimit({ name: 'campaigns', limit: parts.perSecond, per: 1_000 });
    this.#spooled = parts.spool.consume({ topic: TOPIC, concurrency: 20, ...CONSUMER }, async (campaign) => {
      await this.#run(campaign, false);
    });
  }

  /**
   * Runs a campaign. Resolves when it is done, queued or refused. Rejects only if nothing could be kept, so that the client must
   * submit it again.
   */
  submit(campaign: Campaign): Promise<CampaignState> {
    return this.limit.execute(() => this.#submit(campaign));
  }

  /** Returns the state of a campaign; undefined if nobody knows it. */
  async find(id: string): Promise<CampaignState | undefined> {
    const row = await this.#table.find(id);
    return row && stateOf(id, row.waiting, row.error);
  }

  /** Records that steps are done, however often it is called. */
  settle(id: string, steps: readonly Step[]): Promise<readonly Step[]> {
    return this.#table.settle(id, steps);
  }

  stats() {
    return this.#spooled.getStats();
  }

  close(): Promise<void> {
    return this.#spooled.close();
  }

  async #submit(campaign: Campaign): Promise<CampaignState> {
    const { id } = campaign;
    try {
      return await this.#run(campaign, true);
    } catch (error) {
      const reason = (error as Error).message;
      if (error instanceof RefusedError) return { id, status: 'failed', waiting: [], reason };
      await this.#parts.spool.enqueue(messageOf(campaign));
      return { id, status: 'queued', waiting: null, reason };
    }
  }

  /** Runs the steps that nobody has done yet. Rejects if some can be neither done nor queued. */
  async #run(campaign: Campaign, mayBeSpooled: boolean): Promise<CampaignState> {
    const { id, message: text } = campaign;
    const accepted = await this.#accept(campaign, mayBeSpooled);
    if (accepted === 'spooled') return { id, status: 'queued', waiting: null, reason: 'the database is away' };
    if (accepted.length === 0) return stateOf(id, []);
    const { services } = this.#parts;
    const lead = await services.findLead(campaign.audience);
    const contact = await services.contactOf(lead);
    const outgoing = (step: Step, to: string): Outgoing => ({ key: `${id}:${step}`, campaign: id, to, text });
    const run: Record<Step, () => Promise<unknown>> = {
      email: () => services.sendEmail(outgoing('email', contact.email)),
      invitation: () => services.invite(outgoing('invitation', contact.profile)),
      workflow: () => this.#startWorkflow(campaign, lead.id),
    };
    const answers = await Promise.allSettled(accepted.map((step) => run[step]()));
    const done = accepted.filter((_step, index) => isDone(answers[index]));
    const waiting = done.length > 0 ? await this.settle(id, done) : accepted;
    const failed = answers.find((answer) => answer.status === 'rejected');
    if (failed !== undefined) throw await this.#refusedOr(failed.reason, id);
    return stateOf(id, waiting);
  }

  async #accept(campaign: Campaign, mayBeSpooled: boolean): Promise<readonly Step[] | 'spooled'> {
    try {
      const accepted = await this.#table.accept(campaign, mayBeSpooled);
      if (accepted !== 'refused') return accepted;
    } catch (error) {
      if (!isAnswer(error)) throw error;
      throw new RefusedError(`The campaign is refused: ${(error as Error).message}`);
    }
    throw new RefusedError('There is no such account');
  }

  async #startWorkflow({ id, audience, message }: Campaign, lead: string): Promise<unknown> {
    const start: WorkflowStart = {
      key: `${id}:workflow`,
      workflow: 'campaign',
      input: { id, audience, message, lead },
    };
    const answer = await this.#parts.n8n.start(start);
    // Nobody has the start: neither a region nor the queue.
    if ('simulated' in answer) throw new UnfinishedError('n8n and its queue are away');
    return answer;
  }

  /** Returns the error of a campaign that will never run, after it was recorded; or the error itself. */
  async #refusedOr(error: unknown, id: string): Promise<unknown> {
    if (!(error instanceof N8NClientError)) return error;
    await this.#table.fail(id, error.message);
    return new RefusedError(error.message);
  }
}

/** Error of a campaign that will never run. */
class RefusedError extends Error {
  override readonly name = 'RefusedError';
}

/** Whether a step was done now, and not queued or given to people. */
function isDone(answer: PromiseSettledResult<unknown> | undefined): boolean {
  if (answer?.status !== 'fulfilled') return false;
  const value = answer.value as { readonly topic?: string; readonly status?: string };
  return value.topic === undefined && value.status !== 'manual-review';
}

function stateOf(id: string, waiting: readonly Step[] | null, error: string | null = null): CampaignState {
  if (error !== null) return { id, status: 'failed', waiting, reason: error };
  return { id, status: waiting?.length === 0 ? 'done' : 'queued', waiting };
}

/** Returns the message that keeps a campaign on the disk of this machine. */
function messageOf(campaign: Campaign): QueueMessage<Campaign> {
  return { key: campaign.id, payload: campaign, topic: TOPIC };
}
