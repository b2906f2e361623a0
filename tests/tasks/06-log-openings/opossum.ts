import CircuitBreaker from 'opossum';

export function create(logger: Pick<Console, 'warn'>) {
  const mpesa = new CircuitBreaker((work: () => Promise<string>) => work(), { name: 'mpesa', volumeThreshold: 3 });
  mpesa.on('open', () => logger.warn('mpesa opened'));

  return { call: (work: () => Promise<string>) => mpesa.fire(work) };
}
