import { circuitBreakerDashboard, dashboardInput } from '@fusewire/dialects/nerdgraph';
import type { NerdGraphClient } from '../shared/utils/nerdgraph-client.ts';

const FIND = `query ($search: String!) {
  actor { entitySearch(query: $search) { results { entities { guid name } } } }
}`;

const CREATE = `mutation ($accountId: Int!, $dashboard: DashboardInput!) {
  dashboardCreate(accountId: $accountId, dashboard: $dashboard) {
    entityResult { guid name }
    errors { description type }
  }
}`;

interface Found {
  actor: { entitySearch: { results: { entities: { guid: string; name: string }[] } } };
}

interface Created {
  dashboardCreate: { entityResult: { guid: string } | null; errors: { description: string; type: string }[] | null };
}

/** Imports the dashboard of the circuit breakers, unless the account has it. Resolves with its GUID. */
export async function importDashboard(client: NerdGraphClient, accountId: number): Promise<string> {
  const dashboard = dashboardInput(accountId, circuitBreakerDashboard());
  const search = `name = '${dashboard.name}' AND type = 'DASHBOARD' AND accountId = ${accountId}`;
  const { actor } = await client.query<Found>(FIND, { search });
  const existing = actor.entitySearch.results.entities.find(({ name }) => name === dashboard.name);
  if (existing !== undefined) return existing.guid;
  const { dashboardCreate } = await client.query<Created>(CREATE, { accountId, dashboard });
  const { entityResult, errors } = dashboardCreate;
  if (entityResult === null) throw new Error(`dashboardCreate: ${errors?.map((each) => each.description).join('; ')}`);
  return entityResult.guid;
}
