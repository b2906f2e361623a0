/** What is read from the code itself. */
import type { Source } from '../build.ts';
import type { Generators } from '../includes.ts';
import { apiPages } from './api.ts';
import { doctorRules } from './doctor.ts';
import { errorReference } from './errors.ts';
import { interfaceTable } from './interfaces.ts';
import { optionReference } from './options.ts';
import { refusedOrders } from './orders.ts';

export const generators: Generators = {
  options: optionReference,
  interface: interfaceTable,
  error: errorReference,
  orders: refusedOrders,
  doctor: doctorRules,
};

/** Pages that are made altogether. */
export function generatedPages(): readonly Source[] {
  return apiPages();
}
