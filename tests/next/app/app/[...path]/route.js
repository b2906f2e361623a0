import { managementRoutes } from '@fusewire/next';
import { program } from '../../lib/program.js';

export const { GET, POST, PUT, PATCH, DELETE } = managementRoutes(program.management);
