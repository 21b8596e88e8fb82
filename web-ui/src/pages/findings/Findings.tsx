/** Findings grouped by cause, since a cause is what a person mends; each opens to the endpoints that show it. */
import { SegmentedControl } from '@mantine/core';
import { useMemo } from 'react';
import { useList } from '../../api/queries';
import type { Cause, Finding } from '../../api/shapes';
import { FilterBar, OWNED, useFilter, type Field, type Filter } from '../../parts/filters';
import { FindingCard } from '../../parts/finding';
import { SeverityMark } from '../../parts/marks';
import { Answer, Empty, listOf, Moment, Page, Panel, To } from '../../parts/page';
import { Shown } from '../../parts/shown';
import { SoFar } from '../../parts/table';
import { number, plural, SEVERITIES } from '../../parts/words';
import { Button } from '@mantine/core';

const FIELDS: readonly Field[] = [
  { key: 'severity', label: 'severity', choices: SEVERITIES },
  { key: 'state', label: 'state', choices: ['open', 'acknowledged', 'resolved'] },
  { key: 'rule', label: 'rule', placeholder: 'certificate.expired' },
  { key: 'owner', label: 'owner' },
  OWNED,
  { key: 'site', label: 'site' },
  { key: 'tag', label: 'tag', placeholder: 'env:prod', many: true },
  { key: 'cause', label: 'cause', words: (value) => (value.length > 40 ? `${value.slice(0, 38)}…` : value) },
];

export function Findings() {
  const filter = useFilter(FIELDS, ['q', 'view']);
  // one cause, or a state that has no causes: the findings themselves
  const each = filter.text('view') === 'each' || filter.text('cause') !== '' || filter.text('state') !== '';
  return (
    <Page
      title="Findings"
      aside={
        <SegmentedControl
          size="xs"
          data={[
            { value: 'cause', label: 'By cause' },
            { value: 'each', label: 'One by one' },
          ]}
          value={each ? 'each' : 'cause'}
          onChange={(value) => {
            if (value === 'each') filter.set('view', 'each');
            else filter.clear(['view', 'cause', 'state']);
          }}
        />
      }
    >
      <FilterBar filter={filter} fields={FIELDS} placeholder="title, name or rule" />
      {each ? <Each filter={filter} /> : <Causes filter={filter} />}
    </Page>
  );
}

function asked(filter: Filter) {
  return Object.fromEntries(Object.entries(filter.values).filter(([key]) => key !== 'view'));
}

function Causes({ filter }: { filter: Filter }) {
  const list = useList<Cause>('/findings/causes', asked(filter));
  const causes = useMemo(() => list.data?.pages.flatMap((page) => page.items) ?? [], [list.data]);
  return (
    <Panel>
      <Answer of={list}>
        {() =>
          causes.length === 0 ? (
            <Empty title="No open finding is like that." />
          ) : (
            <>
              {causes.map((cause) => (
                <div className="cause" key={`${cause.rule} ${cause.cause}`}>
                  <SeverityMark severity={cause.severity} />
                  <div>
                    <To to={listOf('/findings', { ...asked(filter), rule: cause.rule, cause: cause.cause })}>
                      <Shown>{cause.title}</Shown>
                    </To>
                    {cause.detail ? (
                      <div>
                        <Shown>{cause.detail.length > 260 ? `${cause.detail.slice(0, 257)}…` : cause.detail}</Shown>
                      </div>
                    ) : null}
                    <div className="quiet">
                      <code>{cause.rule}</code>
                      {(cause.examples ?? []).slice(0, 3).map((example) => (
                        <span key={example.findingId}>
                          {' · '}
                          <To to={`/endpoints/${example.endpointId}#${cause.rule}`}>
                            <Shown>{example.endpoint}</Shown>
                          </To>
                        </span>
                      ))}
                      {cause.endpoints > (cause.examples ?? []).slice(0, 3).length && (cause.examples ?? []).length > 0 ? ' …' : ''}
                    </div>
                  </div>
                  <div className="quiet nowrap">
                    {plural(cause.endpoints, 'endpoint')}
                    {cause.acknowledged ? `, ${number(cause.acknowledged)} acknowledged` : ''}
                    <span className="narrow-only"> · </span>
                    <div>
                      {cause.owners > 0 ? `${plural(cause.owners, 'owner')} · ` : ''}since <Moment at={cause.since} />
                    </div>
                  </div>
                </div>
              ))}
              <More list={list} count={causes.length} />
            </>
          )
        }
      </Answer>
    </Panel>
  );
}

function Each({ filter }: { filter: Filter }) {
  const list = useList<Finding>('/findings', asked(filter), 50);
  const findings = useMemo(() => list.data?.pages.flatMap((page) => page.items) ?? [], [list.data]);
  return (
    <Answer of={list}>
      {() =>
        findings.length === 0 ? (
          <Panel>
            <Empty title="No finding is like that." />
          </Panel>
        ) : (
          <div className="stack">
            <h2 className="visually-hidden">One by one</h2>
            {findings.map((finding) => (
              <FindingCard
                key={finding.id}
                finding={finding}
                stored={finding}
                head={
                  <p>
                    <To to={`/endpoints/${finding.endpointId}#${finding.rule}`}>
                      <Shown>{finding.endpoint}</Shown>
                    </To>
                    <span className="quiet">
                      {' · '}
                      {finding.owner ? <Shown>{finding.owner}</Shown> : 'no owner'} · {finding.state}
                    </span>
                  </p>
                }
              />
            ))}
            <More list={list} count={findings.length} />
          </div>
        )
      }
    </Answer>
  );
}

export function More({ list, count }: { count: number; list: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown } }) {
  if (!list.hasNextPage) return null;
  return (
    <div className="more">
      <SoFar count={count} />
      <Button variant="default" size="compact-sm" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
        Show more
      </Button>
    </div>
  );
}
