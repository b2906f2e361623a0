import { documentedRoutes } from '../../../../lib/web/management.ts';

export const { GET, HEAD, OPTIONS } = documentedRoutes;
