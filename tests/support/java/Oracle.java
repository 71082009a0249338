import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.util.stream.Collectors;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;

/**
 * Asks Avro Java. Each line of standard input is a schema, or a reader's and a writer's schema with a tab between them;
 * each line of output is the answer: OK and the schema as Avro writes it, or the verdict and its incompatibilities.
 */
public class Oracle {
  static String judge(String line) {
    String[] parts = line.split("\t", -1);
    Schema reader;
    Schema writer;
    try {
      reader = new Schema.Parser().parse(parts[0]);
    } catch (Throwable error) {
      return "PARSE-R " + error;
    }
    if (parts.length < 2) {
      return "OK " + reader;
    }
    try {
      writer = new Schema.Parser().parse(parts[1]);
    } catch (Throwable error) {
      return "PARSE-W " + error;
    }
    try {
      var result = SchemaCompatibility.checkReaderWriterCompatibility(reader, writer).getResult();
      var found = result.getIncompatibilities().stream()
          .map(each -> each.getType() + "@" + each.getLocation() + "|" + each.getMessage());
      return result.getCompatibility() + " [" + found.collect(Collectors.joining(";; ")) + "]";
    } catch (Throwable error) {
      return "THROW " + error;
    }
  }

  public static void main(String[] arguments) throws Exception {
    var in = new BufferedReader(new InputStreamReader(System.in, "UTF-8"));
    var out = new PrintStream(new FileOutputStream(FileDescriptor.out), false, "UTF-8");
    String line;
    while ((line = in.readLine()) != null) {
      out.println(judge(line).replace("\n", " ").replace("\r", " "));
    }
    out.flush();
  }
}
