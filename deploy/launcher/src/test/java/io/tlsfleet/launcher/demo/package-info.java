/** Tests of the demo estate, scanned by the product. */
@NullMarked
package io.tlsfleet.launcher.demo;

import org.jspecify.annotations.NullMarked;
