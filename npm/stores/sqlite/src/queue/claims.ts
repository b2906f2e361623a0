/** Messages with a group that a claim looks at first, in their order. */
const NEAR = 100;

const PLACE = 'coalesce(position, id)';

/**
 * Returns the definitions of `next`: the ids of up to `@count` messages of `@topic` that can be claimed at `@now`. Those without
 * a group come from their index. Of a group only the first message counts. It is searched among the messages that are next,
 * and if there are too few, by a look at each group: so neither many groups nor a long one makes a claim slow.
 *
 * @param table quoted name.
 */
export function nextMessages(table: string): string {
  const canBeClaimed = 'dead = 0 AND topic = @topic AND available_at <= @now';
  const firstOf = (condition: string, column: string) => `
    SELECT ${column} FROM ${table} WHERE dead = 0 AND topic = @topic AND group_name IS NOT NULL AND ${condition}
    ORDER BY group_name, ${PLACE} LIMIT 1`;
  const following = 'group_name > first.group_name';
  return `
    WITH RECURSIVE near AS MATERIALIZED (
      SELECT id, group_name, ${PLACE} AS place FROM ${table}
      WHERE ${canBeClaimed} AND group_name IS NOT NULL ORDER BY priority DESC, id LIMIT ${NEAR}
    ), near_first AS MATERIALIZED (
      SELECT id FROM near WHERE place = (
        SELECT ${PLACE} FROM ${table} AS earlier WHERE earlier.dead = 0 AND earlier.topic = @topic
          AND earlier.group_name = near.group_name ORDER BY ${PLACE} LIMIT 1)
    ), first (id, group_name) AS (
      SELECT * FROM (${firstOf('true', 'id, group_name')}) WHERE (SELECT count(*) FROM near_first) < @count
      UNION ALL
      SELECT (${firstOf(following, 'id')}), (${firstOf(following, 'group_name')}) FROM first WHERE group_name IS NOT NULL
    ), next AS (
      SELECT id FROM (
        SELECT id, priority FROM ${table}
        WHERE id IN (SELECT id FROM near_first UNION SELECT id FROM first WHERE id IS NOT NULL) AND available_at <= @now
        UNION ALL
        SELECT * FROM (
          SELECT id, priority FROM ${table} WHERE ${canBeClaimed} AND group_name IS NULL
          ORDER BY priority DESC, id LIMIT @count)
      ) ORDER BY priority DESC, id LIMIT @count
    )`;
}
