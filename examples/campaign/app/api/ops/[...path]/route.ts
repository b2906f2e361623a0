import { operationsRoutes } from '../../../../lib/web/management.ts';

export const { GET, POST, PATCH, DELETE } = operationsRoutes;
