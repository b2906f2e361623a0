import { Effects, Upstream } from './upstream.ts';

/** Names of the upstreams. `n8n` and `n8n2` are two regions of one n8n. */
export const SERVICES = ['n8n', 'n8n2', 'apollo', 'leads', 'unipile', 'reachinbox', 'linkedin', 'pagerduty'] as const;

/** Name of an upstream. */
export type Service = (typeof SERVICES)[number];

/** Starts n8n in two regions, the four services, another source of leads, and PagerDuty. */
export async function startServices() {
  const workflows = new Effects();
  const emails = new Effects();
  const invitations = new Effects();
  const incidents: unknown[] = [];
  const startWorkflow = () =>
    Upstream.start(({ path, key = '' }) =>
      workflows.once(key, () => ({ executionId: `${workflows.done.size + 1}`, path })),
    );
  const findLead = (source: string) =>
    Upstream.start(({ path }) => {
      const audience = new URL(path, 'http://localhost').searchParams.get('audience') ?? '';
      return { id: `lead-of-${audience}`, name: `Somebody of ${audience}`, source };
    });
  const upstreams: Record<Service, Upstream> = {
    n8n: await startWorkflow(),
    n8n2: await startWorkflow(),
    apollo: await findLead('apollo'),
    leads: await findLead('leads'),
    unipile: await Upstream.start(({ path }) => {
      const id = path.split('/').at(-1);
      return { email: `${id}@example.test`, profile: `https://linkedin.test/in/${id}` };
    }),
    reachinbox: await Upstream.start(({ key = '', body }) => emails.once(key, () => ({ sent: body }))),
    linkedin: await Upstream.start(({ key = '', body }) => invitations.once(key, () => ({ invited: body }))),
    pagerduty: await Upstream.start(({ body }) => (incidents.push(body), { status: 'success' })),
  };
  const variables = {
    N8N_INSTANCE_URL: upstreams.n8n.url,
    N8N_SECOND_REGION_URL: upstreams.n8n2.url,
    N8N_API_KEY: 'n8n-key',
    APOLLO_URL: upstreams.apollo.url,
    LEADS_URL: upstreams.leads.url,
    UNIPILE_URL: upstreams.unipile.url,
    REACHINBOX_URL: upstreams.reachinbox.url,
    LINKEDIN_URL: upstreams.linkedin.url,
    PAGERDUTY_URL: upstreams.pagerduty.url,
    PAGERDUTY_KEY: 'pagerduty-key',
  };
  return {
    upstreams,
    variables,
    /** Returns what was done, by the keys of the requests. */
    report: () => ({
      workflows: [...workflows.done.keys()],
      emails: [...emails.done.keys()],
      invitations: [...invitations.done.keys()],
      incidents,
      repeats: workflows.repeats + emails.repeats + invitations.repeats,
      requests: Object.fromEntries(SERVICES.map((service) => [service, upstreams[service].requests])),
    }),
    async close() {
      await Promise.all(Object.values(upstreams).map((upstream) => upstream.close()));
    },
  };
}
