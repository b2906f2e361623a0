/** Messages with a group that a claim looks at first, in their order. */
const NEAR = 100;

const PLACE = 'coalesce(position, id)';

/**
 * Returns the definitions of `next`: the ids of up to `$4` messages of topic `$3` that can be claimed, locked. Those without a
 * group come from their index. Of a group only the first message counts. It is searched among the messages that are next, and if
 * there are too few, by a look at each group: so neither many groups nor a long one makes a claim slow.
 *
 * @param table quoted name, with the schema if there is one.
 */
export function nextMessages(table: string): string {
  const canBeClaimed = `NOT dead AND topic = $3 AND available_at <= clock_timestamp()`;
  const inGroup = `NOT dead AND topic = $3 AND group_name IS NOT NULL`;
  const firstOf = (condition: string) => `
    SELECT id, group_name FROM ${table} WHERE ${inGroup} AND ${condition} ORDER BY group_name, ${PLACE} LIMIT 1`;
  return `
    near AS MATERIALIZED (
      SELECT id, group_name, ${PLACE} AS place FROM ${table}
      WHERE ${canBeClaimed} AND group_name IS NOT NULL ORDER BY priority DESC, id LIMIT ${NEAR}
    ), near_first AS MATERIALIZED (
      SELECT id FROM near WHERE place = (
        SELECT ${PLACE} FROM ${table} AS earlier
        WHERE NOT earlier.dead AND earlier.topic = $3 AND earlier.group_name = near.group_name ORDER BY ${PLACE} LIMIT 1)
    ), first AS (
      SELECT * FROM (${firstOf('true')}) AS earliest WHERE (SELECT count(*) FROM near_first) < $4
      UNION ALL
      SELECT following.* FROM first, LATERAL (${firstOf('group_name > first.group_name')}) AS following
    ), next_in_groups AS (
      SELECT id, priority FROM ${table} AS message
      WHERE id = ANY (ARRAY(SELECT id FROM near_first UNION SELECT id FROM first))
        AND NOT dead AND available_at <= clock_timestamp() AND id <> ALL ($1::bigint[])
      ORDER BY priority DESC, id LIMIT $4 FOR UPDATE SKIP LOCKED
    ), next_alone AS (
      SELECT id, priority FROM ${table} AS message
      WHERE ${canBeClaimed} AND group_name IS NULL AND id <> ALL ($1::bigint[])
      ORDER BY priority DESC, id LIMIT $4 FOR UPDATE SKIP LOCKED
    ), next AS (
      SELECT id AS next_id FROM (SELECT * FROM next_in_groups UNION ALL SELECT * FROM next_alone) AS found
      ORDER BY priority DESC, id LIMIT $4
    )`;
}
