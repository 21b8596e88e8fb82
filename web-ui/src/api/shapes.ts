/** Short names for what openapi.json describes; the shapes themselves are generated from it. */
import type { components } from './schema';

type Schemas = components['schemas'];

export type Id = string | number;
export interface Listed<T> {
  items: T[];
  nextCursor: string | null;
  total?: number;
}
export type Counts = Partial<Schemas['SeverityCounts']>;
export type Severity = Schemas['Severity'];
export type Session = Schemas['Session'];
export type Summary = Schemas['Summary'];
export type Cause = Schemas['Cause'];
export type GroupCounts = Schemas['GroupCounts'];
export type NewTarget = Schemas['NewTarget'];
export type AddedTargets = Schemas['AddedTargets'];
export type ImportResult = Schemas['ImportResult'];
export type Endpoint = Schemas['Endpoint'];
export type HistoryItem = Schemas['HistoryItem'];
export type Change = Schemas['Change'];
export type Finding = Schemas['Finding'];
export type Certificate = Schemas['Certificate'];
export type CertificateDetail = Schemas['CertificateDetail'];
export type Fingerprint = Schemas['Fingerprint'];
export type Cluster = Schemas['Cluster'];
export type Proposal = Schemas['Proposal'];
export type Selection = Schemas['Selection'];
export type ClientOutcome = Schemas['ClientOutcome'];
export type EndpointWhatIf = Schemas['EndpointWhatIf'];
export type Matcher = Schemas['Matcher'];
export type Receiver = Schemas['Receiver'];
export type NewReceiver = Schemas['NewReceiver'];
export type DeliveryResult = Schemas['DeliveryResult'];
export type Route = Schemas['Route'];
export type Silence = Schemas['Silence'];
export type SilencePreview = Schemas['SilencePreview'];
export type Alert = Schemas['Alert'];
export type AlertDetail = Schemas['AlertDetail'];
export type Notification = Schemas['Notification'];
export type Policy = Schemas['PolicyPage']['items'][number];
export type Site = Schemas['Site'];
export type Worker = Schemas['Worker'];
export type Token = Schemas['Token'];
export type MadeToken = Schemas['MadeToken'];
export type AuditEntry = Schemas['AuditEntry'];
export type Report = Schemas['Report'];
export type ReportFinding = Schemas['ReportFinding'];
export type ServedCertificates = Schemas['ServedCertificates'];
export type ChainCertificate = Schemas['ChainCertificate'];
export type FactState = Schemas['FactState'];
export type WhatIf = Schemas['WhatIf'];
export type WhatIfGroup = WhatIf['byRule'][number];
export type Reevaluation = Schemas['Reevaluation'];
export type Diagnosis = Schemas['Diagnosis'];
export type RemedyLines = Schemas['RemedyLines'];
