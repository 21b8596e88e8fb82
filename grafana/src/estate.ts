/** The estate: what needs someone, what ends when, what is spoken. */
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import { bars, frame, lines, list, number } from './panels.js';

// Several servers of one installation report the same estate: gauges are taken as the maximum, never added.
const owner = 'owner=~"$owner"';

export const estate = frame('tlsfleet-estate', 'tlsfleet: estate', 'Endpoints, findings and certificates as tlsfleet sees them.')
  .withVariable(new dashboard.QueryVariableBuilder('owner').label('Owner').query('label_values(tlsfleet_endpoint_info, owner)').datasource({ type: 'prometheus', uid: '${datasource}' }).multi(true).includeAll(true).allValue('.*').refresh(dashboard.VariableRefresh.OnTimeRangeChanged).sort(dashboard.VariableSort.AlphabeticalAsc))
  .withRow(new dashboard.RowBuilder('Today'))
  .withPanel(number({ title: 'Endpoints', description: 'Everything that is watched.', unit: 'short', width: 4, queries: [['sum(max by (state) (tlsfleet_endpoints))', 'endpoints']] }))
  .withPanel(number({ title: 'Need attention', description: 'Endpoints with an open finding.', unit: 'short', width: 4, odd: 1, queries: [['max(tlsfleet_endpoints{state="findings"})', 'with findings']] }))
  .withPanel(number({ title: 'Unreachable', description: 'Endpoints that did not answer their last scan. Unreachable is not insecure.', unit: 'short', width: 4, odd: 1, queries: [['max(tlsfleet_endpoints{state="unreachable"})', 'unreachable']] }))
  .withPanel(number({ title: 'Critical findings', description: 'Open findings of severity critical.', unit: 'short', width: 4, bad: 1, queries: [['sum(max by (rule) (tlsfleet_findings_open{severity="critical"}))', 'critical']] }))
  .withPanel(number({ title: 'Certificates ended', description: 'Served now although their time is over.', unit: 'short', width: 4, bad: 1, queries: [['max(tlsfleet_certificates_expiring{stage="expired"})', 'expired']] }))
  .withPanel(number({ title: 'Next certificate ends in', description: 'The soonest of all that are still valid.', unit: 's', width: 4, queries: [['min(tlsfleet_certificate_not_after_timestamp_seconds > time()) - time()', 'left']] }))
  .withRow(new dashboard.RowBuilder('Findings'))
  .withPanel(lines({ title: 'Open findings by severity', description: 'A rule counts under its severity.', unit: 'short', width: 12, stacked: true, queries: [['sum by (severity) (max by (rule, severity) (tlsfleet_findings_open))', '{{severity}}']] }))
  .withPanel(bars({ title: 'Most frequent rules', description: 'The ten rules with most open findings.', unit: 'short', width: 12, queries: [['topk(10, max by (rule) (tlsfleet_findings_open))', '{{rule}}']] }))
  .withPanel(bars({ title: 'Owners with most to do', description: 'Open findings of critical and high severity; beyond a bound, owners are counted as other.', unit: 'short', width: 12, queries: [[`topk(10, sum by (owner) (max by (owner, severity) (tlsfleet_owner_findings_open{severity=~"critical|high", ${owner}})))`, '{{owner}}']] }))
  .withPanel(lines({ title: 'Endpoints by state', description: 'As expected, with findings, unreachable, not scanned yet.', unit: 'short', width: 12, stacked: true, queries: [['max by (state) (tlsfleet_endpoints)', '{{state}}']] }))
  .withRow(new dashboard.RowBuilder('Certificates'))
  .withPanel(lines({ title: 'Certificates by expiry stage', description: 'Stages are shares of the lifetime, at most a number of days: a fleet that renews at two thirds of life shows only ok.', unit: 'short', width: 12, stacked: true, queries: [['max by (stage) (tlsfleet_certificates_expiring)', '{{stage}}']] }))
  .withPanel(list({ title: 'Soonest to end', description: 'Leaves by the time they have left. Bounded by metrics.per-endpoint-limit.', unit: 's', width: 12, queries: [[`bottomk(20, max by (endpoint, owner, key_type) (tlsfleet_certificate_not_after_timestamp_seconds{${owner}}) - time())`, '']] }))
  .withRow(new dashboard.RowBuilder('What is spoken'))
  .withPanel(bars({ title: 'Sets of protocols', description: 'How many endpoints accept exactly these versions.', unit: 'short', width: 12, queries: [[`count by (protocols) (max by (endpoint, protocols) (tlsfleet_endpoint_info{${owner}}))`, '{{protocols}}']] }))
  .withPanel(bars({ title: 'Grades', description: 'SSL Labs 2009r, at best below depth full.', unit: 'short', width: 12, queries: [[`count by (grade) (max by (endpoint, grade) (tlsfleet_endpoint_info{${owner}}))`, '{{grade}}']] }))
  .withPanel(number({ title: 'Left out of these lists', description: 'Endpoints beyond metrics.per-endpoint-limit: the lists above are not whole when this is not 0.', unit: 'short', width: 6, odd: 1, queries: [['max(tlsfleet_metrics_endpoints_omitted)', 'left out']] }));
