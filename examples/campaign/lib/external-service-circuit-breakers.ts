import type { Outcome, Verdict } from 'fusewire';
import type { Queue } from 'fusewire/queue';
import {
  ApolloFallbackStrategy,
  CircuitBreaker,
  ExternalServiceManager,
  LinkedInFallbackStrategy,
  ReachInboxFallbackStrategy,
  UnipileFallbackStrategy,
} from './circuit-breaker.ts';
import type { AnswerStore, CircuitBreakerConfig, Logger } from './circuit-breaker.ts';
import { CONSUMER } from './campaigns/consumers.ts';
import { callApi, HttpError } from './services/http.ts';
import { slotsOf } from './services/slots.ts';

/** Person whom a campaign addresses. */
export interface Lead {
  readonly id: string;
  readonly name: string;
}

/** Addresses of a lead. */
export interface Contact {
  readonly email: string;
  readonly profile: string;
}

/** E-mail or invitation. The same `key` is sent once. */
export interface Outgoing {
  readonly key: string;
  readonly campaign: string;
  readonly to: string;
  readonly text: string;
}

/** Options of the external services. */
export interface ExternalServicesOptions {
  readonly urls: Readonly<Record<'unipile' | 'reachinbox' | 'linkedin' | 'apollo' | 'leads', string>>;
  readonly configs: Readonly<Record<'unipile' | 'reachinbox' | 'linkedin' | 'apollo', CircuitBreakerConfig>>;
  /** Configuration of the other source of leads. */
  readonly leadsConfig: CircuitBreakerConfig;
  /** Queue of e-mails, and of what people must review. */
  readonly queue: Queue<readonly unknown[]>;
  /** Store of contacts outside of the process. */
  readonly store?: AnswerStore | undefined;
  /** Called when a queued e-mail was sent. */
  readonly onSent: (mail: Outgoing) => Promise<void>;
  readonly logger?: Logger | false | undefined;
}

/** Returns the clients of Unipile, ReachInbox, LinkedIn and Apollo behind their breakers, with a fallback for each. */
export function externalServices(options: ExternalServicesOptions) {
  const { urls, configs, queue, store, onSent, logger } = options;
  const sendEmail = (mail: Outgoing, signal: AbortSignal) => callApi(urls.reachinbox, '/emails', { ...mail, signal });
  const emails = new ReachInboxFallbackStrategy({
    queue,
    ...CONSUMER,
    concurrency: 20,
    operation: async ([mail], { signal }) => {
      await sendEmail(mail as Outgoing, signal);
      await onSent(mail as Outgoing);
    },
  });
  const leads = new CircuitBreaker('leads', options.leadsConfig, { logger, classify: classifyHttp });
  const findLead = async (url: string, audience: string, signal: AbortSignal) =>
    (await callApi(url, `/leads?audience=${encodeURIComponent(audience)}`, { signal })) as Lead;
  const manager = new ExternalServiceManager({
    configs,
    classify: classifyHttp,
    logger,
    fallbackStrategies: {
      unipile: [new UnipileFallbackStrategy({ store })],
      reachinbox: [emails],
      linkedin: [new LinkedInFallbackStrategy({ queue })],
      apollo: [
        new ApolloFallbackStrategy(({ args: [audience], signal }) => findLead(urls.leads, audience as string, signal), {
          through: leads.engine,
        }),
      ],
    },
  });
  const invite = (invitation: Outgoing, signal: AbortSignal) =>
    callApi(urls.linkedin, '/invitations', { ...invitation, signal });
  const slots = {
    apollo: slotsOf('apollo'),
    unipile: slotsOf('unipile'),
    reachinbox: slotsOf('reachinbox'),
    linkedin: slotsOf('linkedin'),
  };
  return {
    manager,
    breakers: [...manager.getAll().map(({ engine }) => engine), leads.engine],
    /** Finds a lead in Apollo, or in another source. */
    findLead: (audience: string) =>
      slots.apollo.execute(() =>
        manager.apollo.execute(({ signal }) => findLead(urls.apollo, audience, signal), { args: [audience] }),
      ),
    /** Reads the addresses of a lead from Unipile, or from the cache. */
    contactOf: (lead: Lead) =>
      slots.unipile.execute(() =>
        manager.unipile.execute(
          async ({ signal }) => (await callApi(urls.unipile, `/contacts/${lead.id}`, { signal })) as Contact,
          { key: `contact:${lead.id}` },
        ),
      ),
    /** Sends an e-mail over ReachInbox, or queues it. */
    sendEmail: (mail: Outgoing) =>
      slots.reachinbox.execute(() =>
        manager.reachinbox.execute(({ signal }) => sendEmail(mail, signal), { key: mail.key, args: [mail] }),
      ),
    /** Invites somebody on LinkedIn, or asks people to do so. */
    invite: (invitation: Outgoing) =>
      slots.linkedin.execute(() =>
        manager.linkedin.execute(({ signal }) => invite(invitation, signal), {
          key: invitation.key,
          args: [invitation],
        }),
      ),
    /** Invites somebody on LinkedIn, as a reviewer has decided: without a fallback. */
    inviteAsDecided: (invitation: Outgoing) =>
      manager.linkedin.engine.execute(({ signal }) => invite(invitation, signal)),
    /** Asks a service whether it works, beside its breaker. */
    ping: (service: keyof typeof urls, signal: AbortSignal) => callApi(urls[service], '/healthz', { signal }),
    queueStats: () => emails.getStats(),
    close: () => emails.close(),
  };
}

/** Clients of the external services. */
export type ExternalServices = ReturnType<typeof externalServices>;

/** Judges responses: a mistake of ours in one call says nothing about the service. 401, 403 and 429 concern every call. */
function classifyHttp(outcome: Outcome): Verdict {
  const error = 'error' in outcome ? outcome.error : undefined;
  return error instanceof HttpError && [400, 404, 409, 422].includes(error.status) ? 'ignore' : undefined;
}
