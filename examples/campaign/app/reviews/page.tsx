import { connection } from 'next/server';
import { runningProgram } from '../../lib/web/running-program.ts';
import { decide } from './actions.ts';

/** Invitations that LinkedIn did not take. People send or drop them. */
export default async function Reviews({ searchParams }: PageProps<'/reviews'>) {
  await connection();
  const { result } = await searchParams;
  const { reviews, breakers } = await runningProgram();
  const waiting = await reviews.waiting();
  return (
    <>
      <h1>Manual reviews: {waiting.length} waiting</h1>
      <p>LinkedIn&apos;s circuit is {breakers.get('linkedin')?.state.toLowerCase().replace('_', '-')}.</p>
      {typeof result === 'string' && <p role="status">{result}</p>}
      {waiting.length === 0 ? (
        <p>Nothing waits for a decision.</p>
      ) : (
        <table>
          <thead>
            <tr>
              <th>Campaign</th>
              <th>To</th>
              <th>Text</th>
              <th>Since</th>
              <th>Decision</th>
            </tr>
          </thead>
          <tbody>
            {waiting.map(({ key, campaign, to, text, since }) => (
              <tr key={key}>
                <td>{campaign}</td>
                <td>{to}</td>
                <td>{text}</td>
                <td>{since.toISOString().slice(0, 16).replace('T', ' ')}</td>
                <td>
                  <form action={decide}>
                    <input type="hidden" name="key" value={key} />
                    <button
                      className="primary"
                      name="decision"
                      value="sent"
                      aria-label={`Send the invitation of ${campaign}`}
                    >
                      Send
                    </button>
                    <button name="decision" value="dropped" aria-label={`Drop the invitation of ${campaign}`}>
                      Drop
                    </button>
                  </form>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </>
  );
}
