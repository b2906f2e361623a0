import type { Consumer, Queue } from 'fusewire/queue';
import { CONSUMER } from './consumers.ts';
import type { DatabaseTransactionManager } from '../database-transaction.ts';
import type { ExternalServices, Outgoing } from '../external-service-circuit-breakers.ts';

/** Topic into which the fallback of LinkedIn puts invitations. */
const TOPIC = 'LinkedInFallbackStrategy';

/** Invitation that waits for a person. */
export interface Review {
  readonly key: string;
  readonly campaign: string;
  readonly to: string;
  readonly text: string;
  readonly since: Date;
}

/** Parts that reviews need. */
export interface ReviewsOptions {
  readonly transactions: DatabaseTransactionManager;
  readonly services: ExternalServices;
  readonly queue: Queue<readonly unknown[]>;
  /** Called when an invitation was decided. */
  readonly onDecided: (invitation: Outgoing) => Promise<unknown>;
}

/** Invitations that LinkedIn did not take, and that people decide. */
export class Reviews {
  readonly #options: ReviewsOptions;
  readonly #consumer: Consumer;

  constructor(options: ReviewsOptions) {
    this.#options = options;
    // The queue keeps an invitation although the database is busy; the table shows it to people.
    const statement =
      'INSERT INTO manual_reviews (key, campaign, invitation) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING';
    this.#consumer = options.queue.consume({ topic: TOPIC, concurrency: 10, ...CONSUMER }, ([invitation]) => {
      const { key, campaign } = invitation as Outgoing;
      return options.transactions.run({ text: statement, values: [key, campaign, JSON.stringify(invitation)] });
    });
  }

  /** Returns the invitations that wait, the oldest first. */
  async waiting(limit = 100): Promise<Review[]> {
    const rows = await this.#options.transactions.read<{ invitation: Outgoing; created_at: Date }>({
      text: 'SELECT invitation, created_at FROM manual_reviews WHERE decision IS NULL ORDER BY created_at, key LIMIT $1',
      values: [limit],
    });
    return rows.map(({ invitation: { key, campaign, to, text }, created_at: since }) => ({
      key,
      campaign,
      to,
      text,
      since,
    }));
  }

  /**
   * Sends an invitation, or drops it. Rejects if LinkedIn does not take it. Returns whether there was one to decide; of two
   * people who decide at the same time, LinkedIn hears one invitation, by its key.
   */
  async decide(key: string, decision: 'sent' | 'dropped', who: string): Promise<boolean> {
    const { transactions, services, onDecided } = this.#options;
    const found = 'SELECT invitation FROM manual_reviews WHERE key = $1 AND decision IS NULL';
    const { rows } = await transactions.run({ text: found, values: [key] });
    const invitation = rows[0]?.invitation as Outgoing | undefined;
    if (invitation === undefined) return false;
    if (decision === 'sent') await services.inviteAsDecided(invitation);
    await onDecided(invitation);
    const decided = 'UPDATE manual_reviews SET decision = $2, decided_by = $3, decided_at = now() WHERE key = $1';
    await transactions.run({ text: decided, values: [key, decision, who] });
    return true;
  }

  stats() {
    return this.#consumer.getStats();
  }

  close(): Promise<void> {
    return this.#consumer.close();
  }
}
