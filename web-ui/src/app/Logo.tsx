export function Logo() {
  return (
    <span className="logo">
      <svg viewBox="0 0 32 32" aria-hidden="true">
        <rect width="32" height="32" rx="7" className="logo-ground" />
        <path d="M16 5.500 25 9v7.200c0 5-3.600 8.700-9 10.600-5.400-1.900-9-5.600-9-10.600V9z" className="logo-line" />
        <path d="m11.500 16 3.200 3.200 6-6.400" className="logo-line" />
      </svg>
      tlsfleet
    </span>
  );
}
