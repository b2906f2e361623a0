/** `@fusewire/operations/dashboard`: the dashboard, for the management API that serves it. */
export { dashboard } from './dashboard/dashboard.ts';

export type { Dashboard, DashboardSource } from './dashboard/dashboard.ts';
