/** One table for all lists: TanStack keeps the columns, which ones show and in what order; the server filters, sorts and pages. */
import { ActionIcon, Button, Checkbox, Menu } from '@mantine/core';
import { useLocalStorage } from '@mantine/hooks';
import { columnVisibilityFeature, createColumnHelper, tableFeatures, useTable, type ColumnDef } from '@tanstack/react-table';
import { useMemo, type ReactNode } from 'react';
import { number } from './words';

export interface Column<T> {
  id: string;
  header: string;
  cell: (row: T) => ReactNode;
  /** Numbers stand at the right. */
  numeric?: boolean;
  /** Not shown until asked for. */
  hidden?: boolean;
  /** The word the server sorts by, if it does. */
  sort?: string;
  /** Left out on a narrow screen. */
  wide?: boolean;
}

interface Props<T> {
  name: string;
  columns: Column<T>[];
  rows: T[];
  rowKey: (row: T) => string;
  sort?: string | null;
  onSort?: (sort: string) => void;
  more?: { has: boolean; loading: boolean; load: () => void; total?: number | null };
  empty?: ReactNode;
  onRow?: (row: T) => void;
}

/** How far down a long list one is. */
export function SoFar({ count, total }: { count: number; total?: number | null }) {
  return (
    <span className="quiet">
      {number(count)}
      {total ? ` of ${number(total)}` : ''} shown
    </span>
  );
}

const features = tableFeatures({ columnVisibilityFeature });

export function DataTable<T extends object>({ name, columns, rows, rowKey, sort, onSort, more, empty, onRow }: Props<T>) {
  const standard = useMemo(() => Object.fromEntries(columns.map((column) => [column.id, !column.hidden])), [columns]);
  const [columnVisibility, setVisibility] = useLocalStorage<Record<string, boolean>>({ key: `tlsfleet.columns.${name}`, defaultValue: standard, getInitialValueInEffect: false });
  const definitions = useMemo(() => {
    const helper = createColumnHelper<typeof features, T>();
    return columns.map((column) => helper.display({ id: column.id, header: column.header, cell: (context) => column.cell(context.row.original) })) as ColumnDef<typeof features, T>[];
  }, [columns]);
  const byId = useMemo(() => new Map(columns.map((column) => [column.id, column])), [columns]);
  const table = useTable({ features, columns: definitions, data: rows, getRowId: rowKey, state: { columnVisibility } });
  const hideable = columns.slice(1);

  if (rows.length === 0 && empty) return <>{empty}</>;
  const classes = (id: string) => `${byId.get(id)?.numeric ? 'numeric' : ''}${byId.get(id)?.wide ? ' wide-only' : ''}`;
  return (
    <div className="table-frame">
      {hideable.some((column) => column.hidden) ? (
        <div className="table-tools">
          <Menu closeOnItemClick={false} position="bottom-end" withinPortal>
            <Menu.Target>
              <ActionIcon variant="subtle" color="gray" size="sm" aria-label="choose columns" title="choose columns">
                ⋮
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              {hideable.map((column) => (
                <Menu.Item key={column.id} component="div" onClick={() => setVisibility({ ...columnVisibility, [column.id]: !(columnVisibility[column.id] ?? true) })}>
                  <Checkbox size="xs" readOnly label={column.header} checked={columnVisibility[column.id] ?? true} tabIndex={-1} />
                </Menu.Item>
              ))}
            </Menu.Dropdown>
          </Menu>
        </div>
      ) : null}
      <div className="table-scroll" tabIndex={0} role="region" aria-label={name}>
        <table className="data">
          <thead>
            {table.getHeaderGroups().map((group) => (
              <tr key={group.id}>
                {group.headers.map((header) => {
                  const column = byId.get(header.column.id);
                  if (columnVisibility[header.column.id] === false) return null;
                  const sorted = column?.sort !== undefined && sort === column.sort;
                  return (
                    <th key={header.id} scope="col" className={classes(header.column.id)} aria-sort={sorted ? 'ascending' : undefined}>
                      {column?.sort && onSort ? (
                        <button type="button" className="sort" onClick={() => onSort(column.sort ?? '')}>
                          {column.header}
                          <span aria-hidden="true">{sorted ? ' ↓' : ''}</span>
                        </button>
                      ) : (
                        column?.header || <span className="visually-hidden">what can be done</span>
                      )}
                    </th>
                  );
                })}
              </tr>
            ))}
          </thead>
          <tbody>
            {table.getRowModel().rows.map((row) => (
              <tr
                key={row.id}
                className={onRow ? 'clickable' : undefined}
                onClick={onRow ? (event) => (event.target as HTMLElement).closest('a,button,input') === null && window.getSelection()?.isCollapsed !== false && onRow(row.original) : undefined}
              >
                {row.getVisibleCells().map((cell) => (
                  <td key={cell.id} className={classes(cell.column.id)}>
                    <table.FlexRender cell={cell} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {more?.has ? (
        <div className="more">
          <SoFar count={rows.length} total={more.total} />
          <Button variant="default" size="compact-sm" loading={more.loading} onClick={more.load}>
            Show more
          </Button>
        </div>
      ) : null}
    </div>
  );
}
