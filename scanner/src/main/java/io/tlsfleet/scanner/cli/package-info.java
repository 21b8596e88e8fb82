/**
 * The commands a person types that need no database: options in, text or JSON out on standard output, everything else
 * on standard error, exit codes as the contract has them. The only place of the scanner that prints.
 */
@NullMarked
package io.tlsfleet.scanner.cli;

import org.jspecify.annotations.NullMarked;
