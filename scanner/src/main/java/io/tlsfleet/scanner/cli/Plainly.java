package io.tlsfleet.scanner.cli;

import java.util.ArrayList;
import picocli.CommandLine;
import picocli.CommandLine.IFactory;

/**
 * Makes what picocli needs. Its own factory looks for Groovy when it is first touched, and what is not there is looked for in each jar;
 * so that one only makes what this cannot.
 */
public final class Plainly implements IFactory {
    @Override
    public <K> K create(Class<K> type) throws Exception {
        return type.isAssignableFrom(ArrayList.class)
                ? type.cast(new ArrayList<Object>())
                : CommandLine.defaultFactory().create(type);
    }
}
