// What the local scanner looks for. It stands in for GuardDuty and shows that the way of a file through
// it works; it is no anti-virus product.
//
// `first`: whether the data begins where the file does. `executable`: whether the file's name says that it is one.

rule eicar_test_file {
  meta:
    about = "the harmless file by which scanners are tested"
  strings:
    $body = { 58 35 4F 21 50 25 40 41 50 5B 34 5C 50 5A 58 35 34 28 50 5E 29 37 43 43 29 37 7D 24
              45 49 43 41 52 2D 53 54 41 4E 44 41 52 44 2D 41 4E 54 49 56 49 52 55 53 2D 54 45 53 54 2D 46 49 4C 45 21 24
              48 2B 48 2A }
  condition:
    $body
}

rule disguised_windows_program {
  meta:
    about = "a Windows program under the name of a document"
  condition:
    first and not executable and uint16(0) == 0x5A4D and uint32(uint32(0x3C)) == 0x00004550
}

rule disguised_unix_program {
  meta:
    about = "a Linux or macOS program under the name of a document"
  condition:
    first and not executable and
    (uint32be(0) == 0x7F454C46 or uint32be(0) == 0xFEEDFACE or uint32be(0) == 0xFEEDFACF or
     uint32be(0) == 0xCFFAEDFE or uint32be(0) == 0xCEFAEDFE)
}

rule windows_shortcut {
  meta:
    about = "a shortcut, which runs what it names when it is opened"
  condition:
    first and uint32be(0) == 0x4C000000 and uint32be(4) == 0x01140200
}

rule office_macro_that_starts_programs {
  meta:
    about = "a macro that runs by itself and starts or fetches something"
  strings:
    $auto1 = "AutoOpen" ascii wide nocase
    $auto2 = "Auto_Open" ascii wide nocase
    $auto3 = "Document_Open" ascii wide nocase
    $auto4 = "Workbook_Open" ascii wide nocase
    $auto5 = "AutoExec" ascii wide nocase
    $does1 = "WScript.Shell" ascii wide nocase
    $does2 = "Shell.Application" ascii wide nocase
    $does3 = "powershell" ascii wide nocase
    $does4 = "URLDownloadToFile" ascii wide nocase
    $does5 = "MSXML2.XMLHTTP" ascii wide nocase
    $does6 = "ADODB.Stream" ascii wide nocase
  condition:
    first and uint32be(0) == 0xD0CF11E0 and uint32be(4) == 0xA1B11AE1 and any of ($auto*) and any of ($does*)
}

rule pdf_that_starts_programs {
  meta:
    about = "a PDF that launches something when it is opened"
  strings:
    $open1 = "/OpenAction"
    $open2 = "/AA"
    $launch = /\/S\s*\/Launch/
  condition:
    first and uint32be(0) == 0x25504446 and any of ($open*) and $launch
}

rule rtf_object_that_loads_itself {
  meta:
    about = "an RTF document with an embedded object that is loaded when it is opened"
  strings:
    $object = "\\objdata" nocase
    $loads = "\\objupdate" nocase
  condition:
    first and uint32be(0) == 0x7B5C7274 and $object and $loads
}

rule script_that_fetches_and_runs {
  meta:
    about = "a script host that fetches something and runs it"
  strings:
    $host1 = "WScript.Shell" ascii wide nocase
    $host2 = "powershell" ascii wide nocase
    $fetch1 = "MSXML2.XMLHTTP" ascii wide nocase
    $fetch2 = "DownloadString" ascii wide nocase
    $fetch3 = "DownloadFile" ascii wide nocase
    $run1 = "ADODB.Stream" ascii wide nocase
    $run2 = "Invoke-Expression" ascii wide nocase
    $run3 = "-EncodedCommand" ascii wide nocase
  condition:
    any of ($host*) and any of ($fetch*) and any of ($run*)
}
