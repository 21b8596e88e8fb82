@NullMarked
package io.tlsfleet.scanner.file;

import org.jspecify.annotations.NullMarked;
