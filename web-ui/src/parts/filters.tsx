/** The filter of a list lives in the address: it can be sent to a colleague, and the back button works. */
import { Button, Menu, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { useEffect, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import { useSearchParams } from 'react-router';
import { defused } from './shown';

export interface Field {
  key: string;
  label: string;
  /** The closed set to choose from; without it, text is typed. */
  choices?: readonly string[];
  words?: (value: string) => string;
  placeholder?: string;
  /** May stand several times. */
  many?: boolean;
}

export const OWNED: Field = { key: 'owned', label: 'owned', choices: ['true', 'false'], words: (value) => (value === 'false' ? 'by nobody' : 'by somebody') };

export function useFilter(fields: readonly Field[], extra: readonly string[] = ['q', 'sort']) {
  const [parameters, setParameters] = useSearchParams();
  const values: Record<string, string | string[]> = {};
  for (const key of [...fields.map((field) => field.key), ...extra]) {
    const all = parameters.getAll(key);
    const field = fields.find((one) => one.key === key);
    if (all.length > 0) values[key] = field?.many ? all : (all[0] ?? '');
  }
  const change = (edit: (next: URLSearchParams) => void, replace = false) =>
    setParameters(
      (before) => {
        const next = new URLSearchParams(before);
        edit(next);
        return next;
      },
      { replace },
    );
  return {
    values,
    set: (key: string, value: string) => change((next) => (value ? next.set(key, value) : next.delete(key)), key === 'q'),
    add: (key: string, value: string) => change((next) => (next.getAll(key).includes(value) ? undefined : next.append(key, value))),
    remove: (key: string, value: string) => change((next) => next.delete(key, value)),
    clear: (keys?: readonly string[]) => change((next) => (keys ?? [...next.keys()]).forEach((key) => next.delete(key))),
    text: (key: string) => parameters.get(key) ?? '',
  };
}
export type Filter = ReturnType<typeof useFilter>;

export function FilterBar({ filter, fields, placeholder, children }: { filter: Filter; fields: readonly Field[]; placeholder?: string; children?: ReactNode }) {
  const [asking, setAsking] = useState<Field>();
  const pills = fields.flatMap((field) => [filter.values[field.key] ?? []].flat().map((value) => ({ field, value })));
  return (
    <div className="filters" role="search">
      {placeholder ? <Typed filter={filter} placeholder={placeholder} /> : null}
      {pills.map(({ field, value }) => (
        <span className="pill" key={`${field.key} ${value}`}>
          <span>
            <span className="quiet">{field.label}</span> {field.words ? field.words(value) : defused(value)}
          </span>
          <button type="button" aria-label={`remove ${field.label} ${defused(value)}`} onClick={() => filter.remove(field.key, value)}>
            ×
          </button>
        </span>
      ))}
      {asking ? (
        <Ask
          field={asking}
          done={(value) => {
            if (value) (asking.many ? filter.add : filter.set)(asking.key, value);
            setAsking(undefined);
          }}
        />
      ) : fields.length > 0 ? (
        <FilterMenu fields={fields} filter={filter} ask={setAsking} />
      ) : null}
      {pills.length > 1 ? (
        <Button variant="subtle" size="compact-xs" onClick={() => filter.clear()}>
          Clear
        </Button>
      ) : null}
      {children}
    </div>
  );
}

function FilterMenu({ fields, filter, ask }: { fields: readonly Field[]; filter: Filter; ask: (field: Field) => void }) {
  return (
    <Menu position="bottom-start" shadow="md">
      <Menu.Target>
        <Button variant="default" size="compact-sm">
          Filter
        </Button>
      </Menu.Target>
      <Menu.Dropdown mah={420} style={{ overflowY: 'auto' }}>
        {fields.map((field) =>
          field.choices ? (
            <Menu.Sub key={field.key}>
              <Menu.Sub.Target>
                <Menu.Sub.Item>{field.label}</Menu.Sub.Item>
              </Menu.Sub.Target>
              <Menu.Sub.Dropdown>
                {field.choices.map((choice) => (
                  <Menu.Item key={choice} onClick={() => filter.set(field.key, choice)}>
                    {field.words ? field.words(choice) : choice}
                  </Menu.Item>
                ))}
              </Menu.Sub.Dropdown>
            </Menu.Sub>
          ) : (
            <Menu.Item key={field.key} onClick={() => ask(field)}>
              {field.label} …
            </Menu.Item>
          ),
        )}
      </Menu.Dropdown>
    </Menu>
  );
}

function Ask({ field, done }: { field: Field; done: (value: string) => void }) {
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.key === 'Enter') done(event.currentTarget.value.trim());
    if (event.key === 'Escape') done('');
  };
  return <TextInput size="xs" autoFocus aria-label={field.label} placeholder={field.placeholder ?? field.label} onKeyDown={onKeyDown} onBlur={(event) => done(event.currentTarget.value.trim())} />;
}

function Typed({ filter, placeholder }: { filter: Filter; placeholder: string }) {
  const given = filter.text('q');
  const [text, setText] = useState(given);
  const sent = useRef(given);
  const send = useDebouncedCallback((value: string) => {
    sent.current = value;
    filter.set('q', value);
  }, 250);
  useEffect(() => {
    if (given !== sent.current) {
      sent.current = given;
      setText(given);
    }
  }, [given]);
  return (
    <TextInput
      className="grow"
      size="xs"
      placeholder={placeholder}
      aria-label={placeholder}
      value={text}
      onChange={(event) => {
        setText(event.currentTarget.value);
        send(event.currentTarget.value.trim());
      }}
    />
  );
}
