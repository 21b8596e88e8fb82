@NullMarked
package io.tlsfleet.scanner.site;

import org.jspecify.annotations.NullMarked;
