/** tlsfleet itself: does it scan, does it keep up, do its notices arrive? */
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import { bars, frame, lines, number } from './panels.js';

const rate = (metric: string) => `rate(${metric}[$__rate_interval])`;

export const operation = frame('tlsfleet-operation', 'tlsfleet: operation', 'Scanner, queue and notices: is tlsfleet well?')
  .withRow(new dashboard.RowBuilder('Queue'))
  .withPanel(number({ title: 'Oldest due for', description: 'How long the endpoint that waits longest has been due.', unit: 's', width: 6, odd: 300, bad: 900, queries: [['max(tlsfleet_queue_oldest_due_seconds)', 'oldest']] }))
  .withPanel(number({ title: 'Due', description: 'Endpoints whose scan is due and not begun.', unit: 'short', width: 6, queries: [['max(tlsfleet_queue_due)', 'due']] }))
  .withPanel(number({ title: 'In hand', description: 'Leases that workers hold.', unit: 'short', width: 6, queries: [['max(tlsfleet_leases_held)', 'leases']] }))
  .withPanel(number({ title: 'Processes', description: 'Servers and workers that report, whatever their version.', unit: 'short', width: 6, queries: [['sum(tlsfleet_build_info)', 'processes']] }))
  .withRow(new dashboard.RowBuilder('Scans'))
  .withPanel(lines({ title: 'Scans by outcome', description: 'Finished scans per second.', unit: 'ops', width: 12, stacked: true, queries: [[`sum by (outcome) (${rate('tlsfleet_scans_total')})`, '{{outcome}}']] }))
  .withPanel(
    lines({
      title: 'How long a scan takes',
      description: 'Half, nineteen of twenty, and ninety-nine of a hundred scans take no longer.',
      unit: 's',
      width: 12,
      queries: [0.5, 0.95, 0.99].map((quantile): [string, string] => [`histogram_quantile(${quantile}, sum by (le) (${rate('tlsfleet_scan_duration_seconds_bucket')}))`, `${quantile * 100} %`]),
    }),
  )
  .withPanel(lines({ title: 'Connections by result', description: 'ok, or why not.', unit: 'ops', width: 12, queries: [[`sum by (result) (${rate('tlsfleet_connections_total')})`, '{{result}}']] }))
  .withPanel(lines({ title: 'Facts that stayed unknown', description: 'By reason. Many of one reason at once is more often the scanner or the network than the endpoints.', unit: 'ops', width: 12, queries: [[`sum by (reason) (${rate('tlsfleet_probe_unknown_total')})`, '{{reason}}']] }))
  .withPanel(lines({ title: 'Leases lost', description: 'Leases that ended before their scan was reported: a worker died or was too slow.', unit: 'ops', width: 12, queries: [[`sum(${rate('tlsfleet_leases_expired_total')})`, 'lost']] }))
  .withPanel(bars({ title: 'Versions', description: 'Processes by version and commit.', unit: 'short', width: 12, queries: [['count by (version, commit) (tlsfleet_build_info)', '{{version}} {{commit}}']] }))
  .withRow(new dashboard.RowBuilder('Notices'))
  .withPanel(number({ title: 'Waiting', description: 'Notices not delivered yet.', unit: 'short', width: 6, odd: 20, queries: [['max(tlsfleet_notifications_pending)', 'waiting']] }))
  .withPanel(lines({ title: 'Attempts to deliver', description: 'By receiver and outcome; nothing is shown as zero while there is no receiver.', unit: 'ops', width: 18, queries: [[`sum by (receiver, outcome) (${rate('tlsfleet_notifications_total')}) or vector(0)`, '{{receiver}} {{outcome}}']] }));
