import ArgumentParser
import FoundationEssentials
import Crypto
import Logging
@main struct Main: ParsableCommand { 
  func run() throws { 
  struct A: Codable { var b: Int }
  print(try JSONDecoder().decode(A.self, from: Data("{\"b\":1}".utf8)).b, SHA256.hash(data: [1])) } }
