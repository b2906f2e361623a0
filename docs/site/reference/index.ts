/** Generators of texts that pages include, and of whole pages. */
import type { Generators } from '../includes.ts';
import type { Source } from '../page.ts';
import { apiPages } from './api.ts';
import { doctorRules } from './doctor.ts';
import { errorReference } from './errors.ts';
import { exportInventory } from './exports.ts';
import { routeTable } from './routes.ts';
import { interfaceTable } from './interfaces.ts';
import { optionReference } from './options.ts';
import { refusedOrders } from './orders.ts';
import { everydayTasks } from './tasks.ts';

export const generators: Generators = {
  options: optionReference,
  interface: interfaceTable,
  error: errorReference,
  exports: exportInventory,
  routes: routeTable,
  orders: refusedOrders,
  doctor: doctorRules,
  tasks: everydayTasks,
};

/** Returns the pages that no file of `docs/pages` describes. */
export function generatedPages(): Promise<readonly Source[]> {
  return apiPages();
}
