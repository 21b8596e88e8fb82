/**
 * Everything that takes bytes of strangers, each by itself, for the seeded mutator of {@link
 * io.tlsfleet.scanner.fuzz.MutantsTest} and for Jazzer ({@code bench/run fuzz}). Seeds lie in {@code
 * src/test/resources/fuzz}.
 */
@org.jspecify.annotations.NullMarked
package io.tlsfleet.scanner.fuzz;
