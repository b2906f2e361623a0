import { connection } from 'next/server';
import { runningProgram } from '../lib/web/running-program.ts';

/** Health of the campaigns. */
export default async function Home() {
  await connection();
  const { operations, breakers } = await runningProgram();
  const { status, score } = await operations.health.read();
  return (
    <>
      <h1>
        Health: {status}, {score} of 100
      </h1>
      <table>
        <thead>
          <tr>
            <th>Circuit breaker</th>
            <th>State</th>
          </tr>
        </thead>
        <tbody>
          {[...breakers.values()].map(({ name, state }) => (
            <tr key={name}>
              <td>{name}</td>
              <td>{state}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
