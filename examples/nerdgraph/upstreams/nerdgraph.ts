import { randomUUID } from 'node:crypto';
import { buildSchema, graphql } from 'graphql';
import type { Answer, Request } from './server.ts';

/** The part of the schema of NerdGraph that the program uses. */
const SCHEMA = buildSchema(`
  scalar Nrql
  scalar NrdbResult
  scalar EntityGuid
  scalar DashboardWidgetRawConfiguration
  type Query { actor: Actor }
  type Actor { account(id: Int!): Account  entitySearch(query: String): EntitySearch }
  type Account { nrql(query: Nrql!): NrdbResultContainer }
  type NrdbResultContainer { results: [NrdbResult] }
  type EntitySearch { results: EntitySearchResult }
  type EntitySearchResult { entities: [EntityOutline] }
  type EntityOutline { guid: EntityGuid!  name: String! }
  type Mutation { dashboardCreate(accountId: Int!, dashboard: DashboardInput!): DashboardCreateResult }
  type DashboardCreateResult { entityResult: EntityOutline  errors: [DashboardCreateError!] }
  type DashboardCreateError { description: String  type: String! }
  enum DashboardPermissions { PRIVATE PUBLIC_READ_ONLY PUBLIC_READ_WRITE }
  input DashboardInput { name: String!  description: String  permissions: DashboardPermissions!  pages: [DashboardPageInput!]! }
  input DashboardPageInput { name: String!  description: String  widgets: [DashboardWidgetInput!]! }
  input DashboardWidgetInput {
    title: String
    layout: DashboardWidgetLayoutInput
    visualization: DashboardWidgetVisualizationInput
    rawConfiguration: DashboardWidgetRawConfiguration
  }
  input DashboardWidgetLayoutInput { column: Int  row: Int  width: Int  height: Int }
  input DashboardWidgetVisualizationInput { id: String }
`);

/** Dashboard as it was created. */
export interface Dashboard {
  readonly guid: string;
  readonly name: string;
  readonly pages: readonly { readonly widgets: readonly Widget[] }[];
}

interface Widget {
  readonly title: string;
  readonly visualization: { readonly id: string };
  readonly rawConfiguration: {
    readonly nrqlQueries?: readonly { readonly accountIds: number[]; readonly query: string }[];
  };
}

/** GraphQL API over the events and dashboards of an account. */
export class NerdGraph {
  readonly dashboards: Dashboard[] = [];
  readonly #key: string;
  readonly #events: readonly Readonly<Record<string, unknown>>[];

  constructor(key: string, events: readonly Readonly<Record<string, unknown>>[]) {
    this.#key = key;
    this.#events = events;
  }

  async answer({ headers, body }: Request): Promise<Answer> {
    if (headers['api-key'] !== this.#key) return { status: 403, body: { errors: [{ message: 'invalid key' }] } };
    const { query: source = '', variables } = (body ?? {}) as { query?: string; variables?: Record<string, unknown> };
    const rootValue = {
      actor: this.#actor(),
      dashboardCreate: (given: { dashboard: Dashboard }) => this.#create(given),
    };
    return { body: await graphql({ schema: SCHEMA, source, variableValues: variables ?? {}, rootValue }) };
  }

  #actor() {
    return {
      account: () => ({ nrql: ({ query }: { query: string }) => ({ results: this.#count(query) }) }),
      entitySearch: ({ query }: { query: string }) => {
        const name = /name = '([^']*)'/.exec(query)?.[1];
        return { results: { entities: this.dashboards.filter((dashboard) => dashboard.name === name) } };
      },
    };
  }

  /** Runs the only kind of NRQL that the program sends. */
  #count(nrql: string): { count: number }[] {
    const [, type, batchId] =
      /^SELECT count\(\*\) AS 'count' FROM (\w+) WHERE batchId = '([^']+)' SINCE/.exec(nrql) ?? [];
    if (type === undefined) throw new Error(`NRQL Syntax Error: ${nrql}`);
    return [{ count: this.#events.filter((each) => each['eventType'] === type && each['batchId'] === batchId).length }];
  }

  #create({ dashboard }: { dashboard: Dashboard }) {
    const widgets = dashboard.pages.flatMap((page) => page.widgets);
    if (widgets.some(({ rawConfiguration }) => !rawConfiguration.nrqlQueries?.length)) {
      return { entityResult: null, errors: [{ type: 'INVALID_PARAMETER', description: 'a widget has no query' }] };
    }
    const created = { ...dashboard, guid: randomUUID() };
    this.dashboards.push(created);
    return { entityResult: created, errors: null };
  }
}
