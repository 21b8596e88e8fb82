package io.tlsfleet.scanner.cli;

import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.IGetter;
import picocli.CommandLine.Model.ISetter;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * Options told to picocli by calls. From annotations it learns them by reflection, for which the JVM makes a class for each kind of
 * annotation: a third of a scan's time from the shell.
 */
final class Described {
    private final CommandSpec spec;

    Described(CommandSpec spec) {
        this.spec = spec;
    }

    Described flag(String name, String description, Consumer<Boolean> field) {
        return add(option(name, description, boolean.class, field));
    }

    <V> Described one(String name, String label, String description, Class<V> type, Consumer<V> field) {
        return add(option(name, description, type, field).paramLabel(label));
    }

    /** {@code usual}: as it would be written. */
    <V> Described one(String name, String label, String description, Class<V> type, String usual, Consumer<V> field) {
        return add(option(name, description, type, field).paramLabel(label).defaultValue(usual));
    }

    <V> Described one(
            String name,
            String label,
            String description,
            Class<V> type,
            ITypeConverter<V> converter,
            @Nullable String usual,
            Consumer<V> field) {
        return add(option(name, description, type, field)
                .paramLabel(label)
                .converters(converter)
                .defaultValue(usual));
    }

    <V> Described many(String name, String label, String description, Class<V> type, Consumer<List<V>> field) {
        return add(
                option(name, description, List.class, field).paramLabel(label).auxiliaryTypes(type));
    }

    <V> Described rest(String label, String description, Class<V> type, Consumer<List<V>> field) {
        Field<List<V>> value = new Field<>(field);
        spec.addPositional(PositionalParamSpec.builder()
                .paramLabel(label)
                .description(description)
                .arity("0..1")
                .type(List.class)
                .auxiliaryTypes(type)
                .getter(value)
                .setter(value)
                .build());
        return this;
    }

    private Described add(OptionSpec.Builder option) {
        spec.addOption(option.build());
        return this;
    }

    private static <V> OptionSpec.Builder option(String name, String description, Class<?> type, Consumer<V> field) {
        Field<V> value = new Field<>(field);
        return OptionSpec.builder(name)
                .description(description)
                .type(type)
                .getter(value)
                .setter(value);
    }

    private static final class Field<V> implements IGetter, ISetter {
        private final Consumer<V> field;
        private @Nullable Object value;

        Field(Consumer<V> field) {
            this.field = field;
        }

        @Override
        @SuppressWarnings({"unchecked", "NullAway", "TypeParameterUnusedInFormals"}) // picocli's; null before it is set
        public <T> T get() {
            return (T) value;
        }

        @Override
        @SuppressWarnings({"unchecked", "NullAway"})
        public <T> T set(T now) {
            Object before = value;
            value = now;
            if (now != null) { // else the field keeps what it is without the option
                field.accept((V) now);
            }
            return (T) before;
        }
    }
}
