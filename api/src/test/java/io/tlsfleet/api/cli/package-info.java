/** Commands run against an API on a free port. */
@org.jspecify.annotations.NullMarked
package io.tlsfleet.api.cli;
