import { documentedRoutes } from '../../../../lib/web/management.ts';

export const { POST, OPTIONS } = documentedRoutes;
