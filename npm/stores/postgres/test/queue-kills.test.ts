import { survivesKills } from '../../../../tests/queues/kills.ts';
import { subjects } from '../../../../tests/queues/subjects.ts';

survivesKills(subjects.postgres);
