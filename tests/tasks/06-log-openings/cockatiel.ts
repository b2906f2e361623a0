import { circuitBreaker, ConsecutiveBreaker, handleAll } from 'cockatiel';

export function create(logger: Pick<Console, 'warn'>) {
  const mpesa = circuitBreaker(handleAll, { halfOpenAfter: 60_000, breaker: new ConsecutiveBreaker(3) });
  mpesa.onBreak(() => logger.warn('mpesa opened'));

  return { call: (work: () => Promise<string>) => mpesa.execute(work) };
}
