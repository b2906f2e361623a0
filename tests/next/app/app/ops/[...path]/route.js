import { managementRoutes } from '@fusewire/next';
import { base, program } from '../../../lib/program.js';

const routes = managementRoutes({ ...program.management, basePath: `${base}/ops` });
export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = routes;
