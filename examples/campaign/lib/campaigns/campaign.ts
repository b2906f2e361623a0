/** Campaign: one person of an audience is written to and invited, and a workflow goes on from there. */
export interface Campaign {
  /** Id, which the client chooses. A campaign that is submitted again runs once. */
  readonly id: string;
  readonly account: string;
  readonly audience: string;
  readonly message: string;
}

/** Steps of a campaign, in any order. */
export const STEPS = ['email', 'invitation', 'workflow'] as const;

/** Step of a campaign. */
export type Step = (typeof STEPS)[number];

/** State of a campaign. */
export interface CampaignState {
  readonly id: string;
  readonly status: 'done' | 'queued' | 'failed';
  /** Steps that wait; null if the database has not answered. */
  readonly waiting: readonly Step[] | null;
  /** Reason of the delay or the failure, for people. */
  readonly reason?: string;
}

const TEXT = { id: 100, account: 100, audience: 200, message: 2_000 } as const;

/**
 * Reads a campaign from the body of a request.
 *
 * @throws {TypeError} that says which field is wrong.
 */
export function readCampaign(body: unknown): Campaign {
  const fields = (body ?? {}) as Readonly<Record<string, unknown>>;
  const text = (field: keyof typeof TEXT): string => {
    const value = fields[field];
    if (typeof value === 'string' && value !== '' && value.length <= TEXT[field]) return value;
    throw new TypeError(`${field} must be a text of 1 to ${TEXT[field]} characters`);
  };
  return { id: text('id'), account: text('account'), audience: text('audience'), message: text('message') };
}
