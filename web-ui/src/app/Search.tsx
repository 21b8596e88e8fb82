/** Search anything: `/` comes here, the arrows choose, Enter opens; with nothing chosen Enter lists the endpoints. */
import { useDebouncedValue, useHotkeys } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useRef, useState, type KeyboardEvent } from 'react';
import { useNavigate } from 'react-router';
import { api } from '../api/client';
import type { Certificate, Endpoint, Finding } from '../api/shapes';
import { SeverityMark } from '../parts/marks';
import { Left, listOf } from '../parts/page';
import { Shown } from '../parts/shown';

interface Found {
  endpoints: Endpoint[];
  certificates: Certificate[];
  findings: Finding[];
}
interface Hit {
  key: string;
  kind: string;
  to: string;
  text: string;
  aside: React.ReactNode;
}

function hits(found: Found | undefined): Hit[] {
  if (!found) return [];
  return [
    ...found.endpoints.slice(0, 6).map((one) => ({ key: `e${one.id}`, kind: 'endpoint', to: `/endpoints/${one.id}`, text: one.name, aside: one.worst ? <SeverityMark severity={one.worst} /> : null })),
    ...found.certificates.slice(0, 4).map((one) => ({ key: `c${one.sha256}`, kind: 'certificate', to: `/certificates/${one.sha256}`, text: one.subject, aside: <Left notAfter={one.notAfter} /> })),
    ...found.findings.slice(0, 4).map((one) => ({ key: `f${one.id}`, kind: 'finding', to: `/endpoints/${one.endpointId}#${one.rule}`, text: `${one.title} · ${one.endpoint}`, aside: <SeverityMark severity={one.severity} /> })),
  ];
}

export function Search() {
  const [text, setText] = useState('');
  const [open, setOpen] = useState(false);
  const [chosen, setChosen] = useState(-1);
  const [asked] = useDebouncedValue(text.trim(), 150);
  const input = useRef<HTMLInputElement>(null);
  const navigate = useNavigate();
  useHotkeys([['/', () => input.current?.focus()]]);

  const found = useQuery({
    queryKey: ['search', asked],
    queryFn: ({ signal }) => api.get<Found>('/search', { q: asked }, signal),
    enabled: asked.length > 0,
    placeholderData: keepPreviousData,
  });
  const list = asked ? hits(found.data) : [];

  const go = (to: string) => {
    setOpen(false);
    setText('');
    input.current?.blur();
    void navigate(to);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      setChosen((now) => Math.max(-1, Math.min(list.length - 1, now + (event.key === 'ArrowDown' ? 1 : -1))));
    } else if (event.key === 'Enter' && text.trim()) {
      go(list[chosen]?.to ?? listOf('/endpoints', { q: text.trim() }));
    } else if (event.key === 'Escape') {
      setOpen(false);
      input.current?.blur();
    }
  };

  return (
    <div className="search">
      <input
        ref={input}
        type="search"
        placeholder="Search a name, an address, a certificate, a finding"
        aria-label="search"
        role="combobox"
        aria-expanded={open && list.length > 0}
        aria-controls="search-hits"
        aria-activedescendant={chosen >= 0 ? `hit-${chosen}` : undefined}
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
          setChosen(-1);
          setOpen(true);
        }}
        onFocus={() => setOpen(true)}
        onBlur={() => setTimeout(() => setOpen(false), 150)}
        onKeyDown={onKeyDown}
      />
      <kbd aria-hidden="true">/</kbd>
      {open && asked ? (
        <div className="hits" id="search-hits" role="listbox">
          {list.map((hit, index) => (
            <button type="button" key={hit.key} id={`hit-${index}`} role="option" aria-selected={index === chosen} onMouseDown={() => go(hit.to)}>
              <span className="quiet">{hit.kind}</span>
              <Shown>{hit.text}</Shown>
              <span className="aside">{hit.aside}</span>
            </button>
          ))}
          {list.length === 0 ? <p className="quiet">{found.isFetching ? 'Looking …' : 'Nothing of that name.'}</p> : null}
        </div>
      ) : null}
    </div>
  );
}
