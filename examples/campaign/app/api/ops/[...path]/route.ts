import { operationsRoutes } from '../../../../lib/web/management.ts';

export const { GET, HEAD, POST, PATCH, DELETE, OPTIONS } = operationsRoutes;
